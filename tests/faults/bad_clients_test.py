# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, silent or talk something else: they harm nobody but themselves."""

import contextlib
import random
import socket
import threading
import time
import unittest

from fault_server import PHOTO, FaultTest
from raw_client import call, connect, read_until, read_until_closed

ASK_STREAM = "/mrmllm.v1.MrMllmService/AskStream"
DETECT = "/mrmllm.v1.MrMllmService/Detect"
# How much longer than alone others may wait beside them; a busy test machine needs some of it.
PATIENCE_SECONDS = 5
CLOSE_SECONDS = 30


class BadClientsTest(FaultTest):
    def detect_seconds(self) -> float:
        """How long a good client waits for its boxes, the best of three."""
        caller = self.caller()
        caller.detect()
        return min(self.timed(caller) for _ in range(3))

    @staticmethod
    def timed(caller) -> float:
        began = time.monotonic()
        caller.detect()
        return time.monotonic() - began

    def assert_others_are_served(self, alone: float):
        self.assertLess(self.detect_seconds(), alone + PATIENCE_SECONDS)

    def test_clients_that_connect_and_never_send(self):
        alone = self.detect_seconds()
        with contextlib.ExitStack() as open_ones:
            for _ in range(200):
                open_ones.enter_context(connect(self.address))
            self.assert_others_are_served(alone)
        self.assert_goes_on()

    def test_a_client_that_sends_one_byte_at_a_time_is_answered_and_delays_nobody(self):
        alone = self.detect_seconds()
        ask = self.stubs.messages.AskRequest(question="Is a cow an animal?")
        ask.generation.max_new_token_count = 4
        request = self.stubs.messages.AskStreamRequest(ask=ask).SerializeToString()
        with connect(self.address) as slow:
            slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sender = threading.Thread(target=self.trickle, args=(slow, call(ASK_STREAM, request)))
            sender.start()
            self.assert_others_are_served(alone)
            self.assertIn(b"grpc-status", read_until(slow, b"grpc-status", CLOSE_SECONDS))
            sender.join()
        self.assert_goes_on()

    @staticmethod
    def trickle(connection: socket.socket, data: bytes):
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.005)

    def test_clients_that_never_read_their_answer(self):
        alone = self.detect_seconds()
        ask = self.stubs.messages.AskRequest(question="Tell me a story.")
        ask.generation.max_new_token_count = 32
        request = self.stubs.messages.AskStreamRequest(ask=ask).SerializeToString()
        with contextlib.ExitStack() as open_ones:
            for _ in range(8):
                deaf = open_ones.enter_context(connect(self.address))
                deaf.sendall(call(ASK_STREAM, request, window=0))
            self.assert_others_are_served(alone)
            # Their answers are made and kept for them, and hold no place in the ledger meanwhile.
            self.assert_goes_on()
        self.assert_goes_on()

    def test_a_client_that_leaves_in_the_middle_of_a_message(self):
        detect = self.stubs.messages.DetectRequest(images=[self.stubs.messages.Image(content=PHOTO)])
        whole = call(DETECT, detect.SerializeToString())
        for part in (10, 24, 60, len(whole) // 2, len(whole) - 1):
            with connect(self.address) as leaver:
                leaver.sendall(whole[:part])
        self.assert_goes_on()

    def test_rubbish_on_the_port_ends_its_own_connection_only(self):
        dice = random.Random(7)
        rubbish = {
            "random bytes": dice.randbytes(4096),
            "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "TLS": bytes.fromhex("16030100c8010000c40303") + dice.randbytes(194),
            "a frame of another size": call(ASK_STREAM, b"", window=0)[:24] + b"\xff" * 64,
        }
        caller = self.caller()
        answer = caller.stream(tokens=8)
        for name, data in rubbish.items():
            with self.subTest(name), connect(self.address) as connection:
                connection.sendall(data)
                self.assertNotIn(b"grpc-status", read_until_closed(connection, CLOSE_SECONDS))
        self.assertGreater(len(list(answer)), 0)
        self.assert_goes_on()

    def test_bytes_that_are_no_message_are_refused(self):
        with connect(self.address) as connection:
            connection.sendall(call(ASK_STREAM, b"\xff" * 50))
            self.assertIn(b"grpc-status", read_until(connection, b"grpc-status", CLOSE_SECONDS))
        self.assert_goes_on()


if __name__ == "__main__":
    unittest.main()
