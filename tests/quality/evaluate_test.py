# SPDX-License-Identifier: Apache-2.0
"""The whole measurement against a service that knows every answer: it must score full marks, and a blind one none."""

import argparse
import concurrent.futures
import json
import pathlib
import re
import tempfile
import unittest

import grpc

import contract
import evaluate
import questions
from annotations import load as load_annotations
from service_client import ServiceClient

PHOTOS = evaluate.ROOT / "docs" / "photos"
# Invented objects: corner and size in pixels. The files only have to be there.
TRUTH = {
    "cows.jpg": {"cow": [[10, 10, 300, 200], [400, 50, 100, 90], [600, 60, 80, 70]]},
    "two_dogs.jpg": {"dog": [[50, 60, 200, 220], [300, 320, 210, 200]], "chair": [[10, 600, 150, 150]]},
    "living_room.jpg": {"cup": [[100, 50, 200, 200]], "spoon": [[320, 220, 100, 60]]},
}
SIZE = 1000
LABELS = ["bench", "chair", "cow", "cup", "dog", "spoon", "wine glass"]


def instances() -> dict:
    images, annotations = [], []
    for image_id, (name, objects) in enumerate(TRUTH.items(), start=1):
        images.append({"id": image_id, "file_name": name, "width": SIZE, "height": SIZE})
        for label, boxes in objects.items():
            for box in boxes:
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image_id,
                        "category_id": LABELS.index(label) + 1,
                        "bbox": box,
                        "area": box[2] * box[3],
                        "iscrowd": 0,
                    }
                )
    categories = [{"id": index, "name": label} for index, label in enumerate(LABELS, start=1)]
    return {"images": images, "annotations": annotations, "categories": categories}


class FakeService:
    """Both services. Knows every answer with perception on; always says "No." with perception off."""

    # The measurement calls none of them.
    DetectStream = AskStream = PerceiveAndAnswerStream = ReleaseImages = None
    GetModel = LoadModel = UnloadModel = None

    def __init__(self, messages):
        self._messages = messages
        self._names = {(PHOTOS / name).read_bytes(): name for name in TRUTH}

    def ListModels(self, request, context):
        model = self._messages.Model(name="fake", version="1", labels=LABELS, device="none", dtype="none")
        return self._messages.ListModelsResponse(models=[model])

    def Detect(self, request, context):
        name = self._names[request.images[0].content]
        response = self._messages.DetectResponse()
        response.timings.perceive.nanos = 5_000_000
        image = response.images.add()
        image.image.image_id = name
        for label, boxes in TRUTH[name].items():
            for x, y, width, height in boxes:
                found = image.detections.add(label=label, score=0.9)
                found.box.x_min, found.box.y_min = x / SIZE, y / SIZE
                found.box.x_max, found.box.y_max = (x + width) / SIZE, (y + height) / SIZE
        return response

    def Ask(self, request, context):
        if request.images[0].image_id == "living_room.jpg":  # as if it had been evicted: the client must send the bytes
            context.abort(grpc.StatusCode.NOT_FOUND, "image_id: unknown")
        name = request.images[0].image_id or self._names[request.images[0].content]
        if not request.perception.enabled:
            return self._messages.AskResponse(answer="No.")
        labels = TRUTH[name]
        if asked := re.match(r"Is there an? (.*) in the image", request.question):
            return self._messages.AskResponse(answer="Yes." if asked[1] in labels else "No.")
        asked = re.match(r"How many (.*) are in the image", request.question)
        count = next(len(boxes) for label, boxes in labels.items() if questions.plural(label) == asked[1])
        return self._messages.AskResponse(answer=f"There are {count}.")

    def PerceiveAndAnswer(self, request, context):
        return self._messages.PerceiveAndAnswerResponse(answer="Things.")


class EvaluateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        folder = pathlib.Path(cls._folder.name)
        (folder / "instances.json").write_text(json.dumps(instances()))
        stubs = contract.generate(evaluate.ROOT / "proto", folder / "stubs")
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        fake = FakeService(stubs.messages)
        stubs.service.add_MrMllmServiceServicer_to_server(fake, server)
        stubs.model_service.add_ModelServiceServicer_to_server(fake, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        cls.addClassCleanup(lambda: server.stop(None).wait())
        client = ServiceClient(f"127.0.0.1:{port}", stubs)
        cls.addClassCleanup(client.close)
        annotations = load_annotations(PHOTOS, folder / "instances.json")
        cls.report = evaluate.measure(client, annotations, argparse.Namespace(seed=0, reference=None))
        cls.text = evaluate.report.write(cls.report, folder / "out")
        cls.written = json.loads((folder / "out" / "report.json").read_text())

    def test_perfect_boxes_have_full_precision(self):
        self.assertAlmostEqual(self.report["detection"]["server"].map, 1.0)
        self.assertEqual(self.report["detection"]["server"].boxes, 8)

    def test_right_answers_have_full_accuracy(self):
        for score in self.report["presence"]["on"].values():
            self.assertEqual((score.accuracy, score.f1), (1.0, 1.0))
        self.assertEqual(self.report["counting"]["on"].exact, 1.0)

    def test_always_no_is_right_about_the_absent_half(self):
        score = self.report["presence"]["off"]["random"]
        self.assertEqual((score.accuracy, score.recall, score.yes_rate), (0.5, 0.0, 0.0))

    def test_stages_come_from_the_replies(self):
        self.assertAlmostEqual(self.report["latency"]["Detect"]["perceive"].median, 5.0)

    def test_report_is_written_in_both_forms(self):
        self.assertEqual(self.written["presence"]["on"]["all"]["accuracy"], 1.0)
        self.assertIn("mAP@[.5:.95]", self.text)


if __name__ == "__main__":
    unittest.main()
