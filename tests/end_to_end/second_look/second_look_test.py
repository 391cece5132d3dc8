# SPDX-License-Identifier: Apache-2.0
"""The real server looks at parts of a photo again, and says so.

second_look_test.py SERVER BUNDLE PHOTO WORK_FOLDER
"""

import pathlib
import re
import sys
import unittest
import urllib.request

SERVER, BUNDLE, PHOTO, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests" / "quality"))

import grpc  # noqa: E402

import contract  # noqa: E402
import server_process  # noqa: E402

CALL_SECONDS = 120
CONTRACT = contract.generate(ROOT / "proto", WORK / "stubs")
MESSAGES = CONTRACT.messages


def settings(mode: str, crops: int = 0):
    return MESSAGES.PerceptionSettings(second_look={"mode": f"SECOND_LOOK_MODE_{mode}", "max_crop_count": crops})


def boxes(image) -> list[tuple]:
    return [(d.label, d.score, d.box.x_min, d.box.y_min, d.box.x_max, d.box.y_max) for d in image.detections]


class SecondLookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        own = ["second_look.mode=off", f"metrics.port_file={WORK / 'metrics.port'}"]
        address = cls.enterClassContext(server_process.running(SERVER, BUNDLE, WORK, own))
        cls.stub = CONTRACT.service.MrMllmServiceStub(grpc.insecure_channel(address))
        cls.photo = MESSAGES.Image(content=PHOTO.read_bytes())

    def detect(self, image, perception=None):
        reply = self.stub.Detect(MESSAGES.DetectRequest(images=[image], perception=perception), timeout=CALL_SECONDS)
        return reply.images[0], reply.timings

    def crops_counted(self) -> float:
        port = (WORK / "metrics.port").read_text().strip()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            return float(re.search(r"^mrmllm_second_look_crops_total (\S+)", page.read().decode(), re.MULTILINE)[1])

    def test_the_reply_says_what_was_looked_at_again(self):
        before = self.crops_counted()
        image, timings = self.detect(self.photo, settings("ALWAYS", 3))
        regions = image.second_look.regions
        self.assertEqual(len(regions), 3)
        for region in regions:
            self.assertTrue(0 <= region.x_min < region.x_max <= 1 and 0 <= region.y_min < region.y_max <= 1, region)
        self.assertTrue(timings.HasField("look_again"))
        self.assertEqual(self.crops_counted() - before, 3)

        known, timings = self.detect(MESSAGES.Image(image_id=image.image.image_id), settings("AUTOMATIC"))
        self.assertEqual(boxes(known), boxes(image))
        self.assertFalse(timings.HasField("look_again"))

    def test_the_server_s_setting_holds_where_the_request_says_nothing(self):
        image, timings = self.detect(self.photo)
        self.assertFalse(image.HasField("second_look"))
        self.assertFalse(timings.HasField("look_again"))
        self.assertFalse(any(detection.from_second_look for detection in image.detections))

    def test_a_stream_brings_the_first_boxes_and_closes_with_the_final_ones(self):
        first, _ = self.detect(self.photo)
        request = MESSAGES.PerceiveAndAnswerRequest(
            images=[self.photo], question="How many people are there?", perception=settings("ALWAYS")
        )
        stream = self.stub.PerceiveAndAnswerStream(
            MESSAGES.PerceiveAndAnswerStreamRequest(request=request), timeout=CALL_SECONDS
        )
        messages = list(stream)
        self.assertEqual(boxes(messages[0].perception.images[0]), boxes(first))
        self.assertFalse(messages[0].perception.images[0].HasField("second_look"))
        self.assertFalse(any(message.HasField("perception") for message in messages[1:]))
        summary = messages[-1].summary
        self.assertEqual(len(summary.images[0].second_look.regions), 4)
        ids = {detection.id for detection in summary.images[0].detections}
        for span in summary.grounding:
            self.assertLessEqual(set(span.detection_ids), ids)

    def test_a_bad_count_is_named(self):
        with self.assertRaises(grpc.RpcError) as refused:
            self.detect(self.photo, settings("ALWAYS", 17))
        self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("perception.second_look.max_crop_count: expected 0 to 16, got 17", refused.exception.details())


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1])
