# SPDX-License-Identifier: Apache-2.0
"""Calls the service as any Python client would, with stubs made from the proto alone."""

import dataclasses
import time
import types

import grpc

from rows import Row

MAX_MESSAGE_BYTES = 64 << 20
CALL_SECONDS = 300
LOAD_SECONDS = 300
LOWEST_SCORE = 0.05
MOST_OBJECTS = 100


@dataclasses.dataclass
class Upload:
    """A picture to ask about: its encoded bytes, and the image_id once the server has told one."""

    content: bytes
    image_id: str = ""


@dataclasses.dataclass(frozen=True)
class Reply:
    """A reply with the time it took as the caller saw it, and the stages the server reported, in seconds.

    `boxes_after`, `token_after`: of a stream, when the boxes and the first piece of the answer came.
    """

    message: object
    wall: float
    stages: dict[str, float]
    boxes_after: float | None = None
    token_after: float | None = None


class ServiceClient:
    """One channel to the service. Thread-safe."""

    def __init__(self, address: str, contract: types.SimpleNamespace):
        self._messages = contract.messages
        self._enums = contract.enums
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

    def detect(self, content: bytes, row: Row) -> Reply:
        """All candidates in one picture, sent as bytes."""
        request = self._messages.DetectRequest(images=[self._messages.Image(content=content)])
        self._perceive(request.perception, row, every_candidate=True)
        return self._call(self._service.Detect, request)

    def ask(self, question: str, most_tokens: int) -> Reply:
        """A greedy answer of the language model alone."""
        request = self._messages.AskRequest(question=question)
        request.generation.max_new_token_count = most_tokens
        return self._call(self._service.Ask, request)

    def perceive_and_answer(
        self, upload: Upload, question: str, row: Row, most_tokens: int, every_candidate: bool = False
    ) -> Reply:
        """Boxes and a greedy answer. Where the row looks twice the pixels are sent again: a second look needs them."""
        request = self._messages.PerceiveAndAnswerRequest(question=question)
        request.generation.max_new_token_count = most_tokens
        self._perceive(request.perception, row, every_candidate)
        if upload.image_id and not row.second_look:
            request.images.add().image_id = upload.image_id
            try:
                return self._call(self._service.PerceiveAndAnswer, request)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND:  # evicted meanwhile: send the picture again
                    raise
            del request.images[:]
        request.images.append(self._messages.Image(content=upload.content))
        reply = self._call(self._service.PerceiveAndAnswer, request)
        upload.image_id = reply.message.images[0].image.image_id
        return reply

    def stream(self, content: bytes, question: str, row: Row) -> Reply:
        """PerceiveAndAnswerStream with the answer's length as it comes; the message is the closing one."""
        wrapped = self._messages.PerceiveAndAnswerStreamRequest()
        request = wrapped.request
        request.question = question
        request.images.append(self._messages.Image(content=content))
        self._perceive(request.perception, row, every_candidate=False)
        started = time.perf_counter()
        boxes_after = token_after = summary = None
        for event in self._service.PerceiveAndAnswerStream(wrapped, timeout=CALL_SECONDS):
            now = time.perf_counter() - started
            match event.WhichOneof("event"):
                case "perception":
                    boxes_after = now
                case "text_delta" if token_after is None:
                    token_after = now
                case "summary":
                    summary = event.summary
        return Reply(summary, time.perf_counter() - started, _stages(summary), boxes_after, token_after)

    def _perceive(self, perception, row: Row, every_candidate: bool) -> None:
        row.apply(perception, self._enums.SecondLookMode)
        if every_candidate:
            perception.score_threshold = LOWEST_SCORE
            perception.max_object_count = MOST_OBJECTS

    def _call(self, method, request) -> Reply:
        started = time.perf_counter()
        message = method(request, timeout=CALL_SECONDS)
        return Reply(message, time.perf_counter() - started, _stages(message))


def _stages(message) -> dict[str, float]:
    return {field.name: value.seconds + value.nanos / 1e9 for field, value in message.timings.ListFields()}
