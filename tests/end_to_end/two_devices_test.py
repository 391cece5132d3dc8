# SPDX-License-Identifier: Apache-2.0
"""The real server on two devices says what it says on one.

two_devices_test.py SERVER CLIENT BUNDLE PHOTOS

Two CPU executors stand in for two GPUs. The same questions go to a server with one device and to one with two, several
at a time, so that both devices have work.
"""

import concurrent.futures
import contextlib
import json
import pathlib
import subprocess
import sys
import threading
import unittest
from collections.abc import Iterator

SERVER, CLIENT, BUNDLE, PHOTOS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
QUESTIONS = ("What is in the picture?", "How many animals are there?")
# Devices differ in their number of threads, and so in the order in which they add.
BOX_TOLERANCE = 0.01
SCORE_TOLERANCE = 0.02
TIMEOUT_SECONDS = 300


@contextlib.contextmanager
def serving(devices: str) -> Iterator[str]:
    """The address of a server on these devices, once it serves."""
    settings = {
        "device.name": devices,
        "bundle.directory": BUNDLE,
        "server.address": "127.0.0.1:0",
        "metrics.address": "127.0.0.1:0",
        "drain.delay": "0s",
        "second_look.mode": "off",  # an automatic one yields to load, which differs
        "log.format": "json",
    }
    command = [str(SERVER)]
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            lines = []
            for line in server.stderr:
                lines.append(line)
                if json.loads(line)["message"] == "serving":
                    break
            else:
                raise RuntimeError("the server did not start:\n" + "".join(lines))
            threading.Thread(target=server.stderr.read).start()  # so that it never waits for a reader
            yield f"127.0.0.1:{json.loads(line)['port']}"
        finally:
            server.terminate()
            server.wait(TIMEOUT_SECONDS)


def ask(address: str, arguments: list[str]) -> dict:
    command = [str(CLIENT), "--server", address, "--timeout", f"{TIMEOUT_SECONDS}s", "--json", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    return json.loads(done.stdout.splitlines()[-1])


def requests() -> list[list[str]]:
    photos = sorted(str(photo) for photo in PHOTOS.glob("*.jpg"))
    of_each = [["detect"], *(["perceive", "-q", question] for question in QUESTIONS)]
    return [[*arguments, photo] for arguments in of_each for photo in photos] + [["ask", "-q", "What is a cow?"]]


def replies(devices: str) -> list[dict]:
    with serving(devices) as address, concurrent.futures.ThreadPoolExecutor(6) as pool:
        return list(pool.map(lambda arguments: ask(address, arguments), requests()))


class TwoDevicesTest(unittest.TestCase):
    def test_two_devices_say_what_one_says(self):
        for request, one, two in zip(requests(), replies("cpu"), replies("cpu,cpu"), strict=True):
            with self.subTest(request=" ".join(request)):
                self.assertEqual(two.get("answer"), one.get("answer"))
                self.assert_same_detections(two.get("detections", []), one.get("detections", []))

    def assert_same_detections(self, two: list[dict], one: list[dict]):
        self.assertEqual([found["label"] for found in two], [found["label"] for found in one])
        for mine, other in zip(two, one, strict=True):
            self.assertAlmostEqual(mine["score"], other["score"], delta=SCORE_TOLERANCE)
            for side, other_side in zip(mine["box"], other["box"], strict=True):
                self.assertAlmostEqual(side, other_side, delta=BOX_TOLERANCE)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
