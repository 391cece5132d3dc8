# SPDX-License-Identifier: Apache-2.0
"""Calls the service as any Python client would, with stubs made from the proto alone."""

import dataclasses
import time
import types

import grpc

from annotations import Photo

MAX_MESSAGE_BYTES = 64 << 20
CALL_SECONDS = 300
LOAD_SECONDS = 300
SCORE_THRESHOLD = 0.05
MAX_OBJECT_COUNT = 100


@dataclasses.dataclass(frozen=True)
class Reply:
    """A reply with the time it took as the caller saw it, and the stages the server reported, in seconds."""

    message: object
    wall: float
    stages: dict[str, float]


class ServiceClient:
    """One channel to the service. Thread-safe."""

    def __init__(self, address: str, contract: types.SimpleNamespace):
        self._messages = contract.messages
        self._channel = grpc.insecure_channel(
            address,
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ],
        )
        self._service = contract.service.MrMllmServiceStub(self._channel)
        self._models = contract.model_service.ModelServiceStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    def wait_until_loaded(self):
        """Returns the first loaded model, as ListModels describes it."""
        deadline = time.monotonic() + LOAD_SECONDS
        while True:
            try:
                request = self._messages.ListModelsRequest()
                return self._models.ListModels(request, timeout=10, wait_for_ready=True).models[0]
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def detect(self, photo: Photo) -> Reply:
        """All candidates of one photo, uploaded as bytes."""
        request = self._messages.DetectRequest(images=[self._image(photo)])
        request.perception.score_threshold = SCORE_THRESHOLD
        request.perception.max_object_count = MAX_OBJECT_COUNT
        return self._call(self._service.Detect, request)

    def ask(self, photo: Photo, question: str, perception: bool, max_new_tokens: int, image_id: str = "") -> Reply:
        """A greedy answer about a photo, by `image_id` if there is one and the server still knows it."""
        request = self._messages.AskRequest(question=question)
        request.generation.max_new_token_count = max_new_tokens
        request.perception.enabled = perception
        if image_id:
            request.images.add().image_id = image_id
            try:
                return self._call(self._service.Ask, request)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    raise
            del request.images[:]
        request.images.append(self._image(photo))
        return self._call(self._service.Ask, request)

    def perceive_and_answer(self, photo: Photo, question: str) -> Reply:
        """Boxes and a greedy answer about a photo, uploaded as bytes."""
        request = self._messages.PerceiveAndAnswerRequest(images=[self._image(photo)], question=question)
        return self._call(self._service.PerceiveAndAnswer, request)

    def _image(self, photo: Photo):
        return self._messages.Image(content=photo.path.read_bytes())

    def _call(self, method, request) -> Reply:
        started = time.perf_counter()
        message = method(request, timeout=CALL_SECONDS)
        wall = time.perf_counter() - started
        stages = {field.name: value.seconds + value.nanos / 1e9 for field, value in message.timings.ListFields()}
        return Reply(message, wall, stages)
