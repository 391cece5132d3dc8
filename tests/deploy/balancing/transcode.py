# SPDX-License-Identifier: Apache-2.0
"""A user with curl: boxes, an answer and a streamed answer as JSON through the real Envoy and a real server; errors as HTTP codes."""

import base64
import json
import subprocess
import unittest

from envoy_process import Envoy, make_descriptors
from replica import ROOT, Replica

WORK = ROOT / "build/deploy/transcoder"
DESCRIPTORS = WORK / "mrmllm.pb"
COWS = base64.b64encode((ROOT / "docs/photos/cows.jpg").read_bytes()).decode()
CURL_SECONDS = 120


def curl(port: int, path: str, body: object = None, options: tuple[str, ...] = ()) -> tuple[int, object]:
    """HTTP status and JSON of a POST of `body` (text as it is), or of a GET."""
    file = WORK / "body.json"
    command = ["curl", "--silent", "--max-time", str(CURL_SECONDS), "--write-out", "\n%{http_code}", *options]
    if body is not None:
        file.write_text(body if isinstance(body, str) else json.dumps(body))
        command += ["--data-binary", f"@{file}", "--header", "content-type: application/json"]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(text) if text else None


class TranscoderTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        settings = ("limits.max_images_per_request=2", "drain.delay=0s")
        cls.replica = Replica("server", WORK, settings)
        cls.addClassCleanup(cls.replica.stop)
        cls.replica.start()
        cls.replica.await_ready()
        cls.envoy = Envoy([cls.replica.port], DESCRIPTORS, WORK)
        cls.addClassCleanup(cls.envoy.stop)
        cls.envoy.start(1)

    def post(self, path: str, body: object) -> tuple[int, object]:
        return curl(self.envoy.port, path, body)

    def test_detect(self):
        status, reply = self.post("/v1/images:detect", {"images": [{"content": COWS}]})
        self.assertEqual(status, 200, reply)
        self.assertIn("cow", [found["label"] for found in reply["images"][0]["detections"]])

    def test_ask_then_ask_again_by_image_id(self):
        question = {"question": "How many cows are there?", "generation": {"maxNewTokenCount": 16}}
        status, reply = self.post("/v1/images:ask", question | {"images": [{"content": COWS}]})
        self.assertEqual(status, 200, reply)
        self.assertTrue(reply["answer"])
        again = {"images": [{"imageId": reply["images"][0]["imageId"]}]}
        status, second = self.post("/v1/images:ask", question | again)
        self.assertEqual((status, second["answer"]), (200, reply["answer"]))

    def test_streams_are_arrays(self):
        ask = {
            "question": "What is in the picture?",
            "images": [{"content": COWS}],
            "generation": {"maxNewTokenCount": 8},
        }
        status, replies = self.post("/v1/images:askStream", {"ask": ask})
        self.assertEqual(status, 200, replies)
        self.assertIsInstance(replies, list)
        self.assertGreater(len(replies), 2)

    def test_models_by_get(self):
        status, reply = curl(self.envoy.port, "/v1/models")
        self.assertEqual((status, reply["models"][0]["name"]), (200, "coco-135m"))

    def test_a_field_out_of_range_is_400_and_named(self):
        status, reply = self.post("/v1/images:detect", {"images": [{"content": COWS}] * 3})
        self.assertEqual(status, 400)
        self.assertEqual(reply["code"], 3)
        self.assertEqual(reply["details"][0]["fieldViolations"][0]["field"], "images")

    def test_what_is_no_json_is_400(self):
        self.assertEqual(curl(self.envoy.port, "/v1/images:detect", "{", ("--output", "/dev/null"))[0], 400)

    def test_an_unknown_image_id_is_404(self):
        status, reply = self.post("/v1/images:detect", {"images": [{"imageId": "nothing"}]})
        self.assertEqual((status, reply["code"]), (404, 5))

    def test_a_deadline_that_cannot_be_met_is_504(self):
        body = {"images": [{"content": COWS}], "question": "What is in the picture?"}
        # The server refuses at once, or Envoy gives up: its own replies are text.
        options = ("--header", "grpc-timeout: 20m", "--output", "/dev/null")
        self.assertEqual(curl(self.envoy.port, "/v1/images:ask", body, options)[0], 504)

    def test_a_path_that_is_not_there_is_404(self):
        self.assertEqual(curl(self.envoy.port, "/v1/nothing", "{}", ("--output", "/dev/null"))[0], 404)


class SessionTest(unittest.TestCase):
    """RING_HASH: what one header names stays with one replica, and so do its image ids."""

    SESSIONS = 4

    def test_follow_ups_of_a_session_find_their_picture(self):
        replicas = [Replica(f"replica-{i}", WORK, ("drain.delay=0s",)) for i in range(2)]
        for replica in replicas:
            self.addCleanup(replica.stop)
            replica.start()
        for replica in replicas:
            replica.await_ready()
        envoy = Envoy([replica.port for replica in replicas], DESCRIPTORS, WORK, policy="RING_HASH")
        self.addCleanup(envoy.stop)
        envoy.start(len(replicas))
        for session in range(self.SESSIONS):
            header = ("--header", f"x-session: {session}")
            status, seen = curl(envoy.port, "/v1/images:detect", {"images": [{"content": COWS}]}, header)
            self.assertEqual(status, 200, seen)
            again = {"images": [{"imageId": seen["images"][0]["image"]["imageId"]}]}
            statuses = [curl(envoy.port, "/v1/images:detect", again, header)[0] for _ in range(4)]
            self.assertEqual(statuses, [200] * 4)


class NoReplicaTest(unittest.TestCase):
    def test_without_a_replica_it_is_503(self):
        replica = Replica("absent", WORK)
        envoy = Envoy([replica.port], DESCRIPTORS, WORK)
        self.addCleanup(envoy.stop)
        envoy.start(0)
        status, _ = curl(envoy.port, "/v1/images:detect", {"images": []}, ("--output", "/dev/null"))
        self.assertEqual(status, 503)


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    make_descriptors(DESCRIPTORS)
    unittest.main(verbosity=2)
