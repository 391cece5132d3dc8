# SPDX-License-Identifier: Apache-2.0
"""The real server for one class of fault tests, and what must hold of it after every fault.

The tests find the program and the bundle in MRMLLM_SERVER and MRMLLM_BUNDLE, as ctest sets them.
"""

import os
import pathlib
import sys
import tempfile
import time
import unittest

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "quality"), str(ROOT / "tests" / "end_to_end" / "soak")]

import contract  # noqa: E402
import server_process  # noqa: E402
import verdict  # noqa: E402
from watch import Server  # noqa: E402

BINARY = pathlib.Path(os.environ["MRMLLM_SERVER"])
BUNDLE = pathlib.Path(os.environ["MRMLLM_BUNDLE"])
PHOTO = (ROOT / "docs" / "photos" / "band.jpg").read_bytes()
CALL_SECONDS = 60
IDLE_SECONDS = 30
# Small pools: a start takes half as long, and no fault needs more.
SMALL = ["cache.capacity_bytes=0", "kv_cache.capacity_bytes=67108864", "decode.threads=1"]
_SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse


class Caller:
    """A well-behaved client with a connection of its own."""

    def __init__(self, address: str, stubs):
        self.messages = stubs.messages
        self.channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.service = stubs.service.MrMllmServiceStub(self.channel)
        self._health = self.channel.unary_unary("/grpc.health.v1.Health/Check")

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_) -> None:
        self.channel.close()

    def detect(self, picture: bytes = PHOTO, **options):
        request = self.messages.DetectRequest(images=[self.messages.Image(content=picture)])
        return self.service.Detect(request, timeout=CALL_SECONDS, wait_for_ready=True, **options)

    def stream(self, tokens: int = 64):
        """An answer that comes piece by piece and is not quick to end."""
        ask = self.messages.AskRequest(question="Tell me a long story about a dog and a boat.")
        ask.generation.max_new_token_count = tokens
        return self.service.AskStream(self.messages.AskStreamRequest(ask=ask), timeout=CALL_SECONDS)

    def serving(self) -> bool:
        return self._health(b"", timeout=CALL_SECONDS, wait_for_ready=True) == _SERVING


class FaultTest(unittest.TestCase):
    """One server for all tests of a class, stopped at the end; `settings` are its own."""

    settings: list[str] = []

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.stubs = contract.generate(ROOT / "proto", cls.work / "stubs")
        cls.address, cls.process = cls.enterClassContext(cls.started())
        cls.server = cls.watched(cls.process)

    @classmethod
    def started(cls, *more: str):
        """A context with the address and the process of a server with these settings besides."""
        port_file = cls.work / "metrics.port"
        port_file.unlink(missing_ok=True)
        return server_process.started(
            BINARY, BUNDLE, cls.work, [*SMALL, f"metrics.port_file={port_file}", *cls.settings, *more]
        )

    @classmethod
    def watched(cls, process) -> Server:
        port = (cls.work / "metrics.port").read_text().strip()
        return Server(f"127.0.0.1:{port}", process.pid)

    def caller(self) -> Caller:
        return self.enterContext(Caller(self.address, self.stubs))

    def assert_goes_on(self):
        """A good request is answered, health says so, and nothing is held for anybody."""
        self.assertIsNone(self.process.poll(), self.log())
        with Caller(self.address, self.stubs) as caller:
            self.assertGreater(len(caller.detect().images[0].detections), 0)
            self.assertTrue(caller.serving())
        deadline = time.monotonic() + IDLE_SECONDS
        while (left := verdict.leftovers(self.server.metrics())) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(left, [])

    def log(self) -> str:
        return (self.work / "server.log").read_text()
