# SPDX-License-Identifier: Apache-2.0
"""For tests: a service that knows every answer, as long as it is told what is in the picture; else it says no."""

import concurrent.futures
import contextlib
from collections.abc import Iterator

import grpc

from pictures import made_up
from pictures.annotations import Annotations
from questions.facts import Fact

UNKNOWN = "I don't know."
GENERAL = "Stockholm."


class FakeService:
    """Both services. What it knows of is `told`: by image id and question, the fact. Boxes are perfect for the photos themselves."""

    # The measurement calls none of them.
    DetectStream = AskStream = ReleaseImages = GetModel = LoadModel = UnloadModel = None

    def __init__(self, messages, annotations: Annotations):
        self._messages = messages
        self._photos = {photo.path.read_bytes(): photo for photo in annotations.photos}
        self.told: dict[tuple[int, str], Fact] = {}

    def ListModels(self, request, context):
        model = self._messages.Model(name="fake", version="1", labels=made_up.LABELS, device="none", dtype="none")
        return self._messages.ListModelsResponse(models=[model])

    def Detect(self, request, context):
        response = self._messages.DetectResponse(images=[self._detections(request.images[0], context)])
        response.timings.perceive.nanos = 5_000_000
        return response

    def Ask(self, request, context):
        return self._messages.AskResponse(answer=GENERAL, finish_reason=1)

    def PerceiveAndAnswer(self, request, context):
        image = self._detections(request.images[0], context)
        fact = self.told.get((int(image.image.image_id or 0), request.question))
        knows = fact is not None and request.perception.mechanisms.perception_prompt
        response = self._messages.PerceiveAndAnswerResponse(
            images=[image], answer=answer(fact) if knows else "No.", finish_reason=1
        )
        response.agreement.claim_count = 1
        if knows and fact.labels:
            ids = [found.id for found in image.detections if found.label == fact.labels[0]]
            response.grounding.add(text=fact.labels[0], detection_ids=ids)
        if not knows and image.detections:  # as if the boxes contradicted every "No."
            response.agreement.conflicts.add(text="No", label=image.detections[0].label)
        return response

    def PerceiveAndAnswerStream(self, request, context):
        response = self.PerceiveAndAnswer(request.request, context)
        event = self._messages.PerceiveAndAnswerStreamResponse
        yield event(perception=self._messages.PerceptionEvent(images=response.images))
        yield event(text_delta=response.answer)
        yield event(summary=response)

    def _detections(self, image, context):
        if image.image_id == "3":  # as if it had been evicted: the client must send the bytes
            context.abort(grpc.StatusCode.NOT_FOUND, "image_id: unknown")
        photo = next(
            (
                photo
                for content, photo in self._photos.items()
                if image.content.startswith(content) or image.image_id == str(photo.image_id)
            ),
            None,
        )
        result = self._messages.ImageDetections()
        if photo is None:  # a corrupted picture or a composite
            return result
        result.image.image_id = str(photo.image_id)
        for number, object_ in enumerate(photo.objects):
            found = result.detections.add(id=number, label=object_.label, score=0.9, sure=True)
            box = object_.box
            found.box.x_min, found.box.y_min, found.box.x_max, found.box.y_max = (
                box.x_min,
                box.y_min,
                box.x_max,
                box.y_max,
            )
        return result


def answer(fact: Fact) -> str:
    """A right one."""
    match fact.form:
        case "presence" | "left_of" | "above":
            return "Yes." if fact.expected else "No."
        case "position":
            return f"In the {' '.join(fact.expected[::-1]).strip() or 'center'}."
        case "list":
            return f"I see {', '.join(sorted(fact.expected))}."
        case "cannot_tell":
            return UNKNOWN
    return f"It is {fact.expected}."


@contextlib.contextmanager
def serving(fake: FakeService, stubs) -> Iterator[str]:
    """Its host:port."""
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    stubs.service.add_MrMllmServiceServicer_to_server(fake, server)
    stubs.model_service.add_ModelServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
