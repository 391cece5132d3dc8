# SPDX-License-Identifier: Apache-2.0
"""Callers of every kind, so that every metric has something to tell: all RPCs, several tenants and priorities, pictures seen
before, mistakes, deadlines that cannot be met, and more at a time than the server admits."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable

import grpc

from contract_messages import Contract
from traffic import unlike_others

CALL_SECONDS = 60
TENANTS = ("", "shop", "archive")
PRIORITIES = (0, 1, 2, 3)  # unspecified and the three classes
QUESTIONS = ("What is in the picture?", "How many animals are there?", "Describe the scene.")


class VariedCaller:
    """One caller: its own connection and its own choices. Not thread-safe."""

    def __init__(self, channel: grpc.Channel, contract: Contract, photos: list[bytes], number: int):
        self._channel = channel
        self._contract, self._photos = contract, photos
        self._random = random.Random(number)
        self._mark = (f"{number}.{i}" for i in itertools.count())
        self._image_id = ""
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (4, self._detect),
            (4, self._follow_up),
            (3, lambda: self._answer("Ask")),
            (3, lambda: self._answer("PerceiveAndAnswer")),
            (2, lambda: self._answer("AskStream")),
            (2, lambda: self._answer("PerceiveAndAnswerStream")),
            (1, self._detect_stream),
            (1, self._mistake),
            (1, self._unknown_image),
            (1, self._hurry),
            (1, self._hurry_and_take_boxes),
        ]

    def act(self) -> None:
        """One request, however it ends."""
        weights = [weight for weight, _ in self._acts]
        _, do = self._random.choices(self._acts, weights)[0]
        with contextlib.suppress(grpc.RpcError):
            do()

    def close(self) -> None:
        self._channel.close()

    def _new_photo(self) -> bytes:
        return unlike_others(self._random.choice(self._photos), next(self._mark))

    def _send(self, name: str, request, seconds: float = CALL_SECONDS):
        tenant = self._random.choice(TENANTS)
        metadata = [("x-tenant", tenant)] if tenant else []
        reply = self._contract.method(self._channel, name)(request, timeout=seconds, metadata=metadata)
        return list(reply) if name.endswith("Stream") else reply

    def _request(self, name: str, question: bool = True):
        """An empty request and the part of it that holds the images."""
        request = self._contract.message(f"{name}Request")()
        body = {"AskStream": "ask", "PerceiveAndAnswerStream": "request"}.get(name)
        body = getattr(request, body) if body else request
        body.scheduling.priority = self._random.choice(PRIORITIES)
        if question:
            body.question = self._random.choice(QUESTIONS)
            body.generation.max_new_token_count = self._random.choice((4, 8, 24))
        return request, body

    def _detect(self) -> None:
        request, body = self._request("Detect", question=False)
        body.images.add().content = self._new_photo()
        self._image_id = self._send("Detect", request).images[0].image.image_id

    def _follow_up(self) -> None:
        request, body = self._request("Ask")
        body.images.add().content = self._photos[0]  # everybody's: seen before, or being looked at
        self._send("Ask", request)

    def _answer(self, name: str) -> None:
        request, body = self._request(name)
        body.images.add().content = self._new_photo()
        self._send(name, request)

    def _detect_stream(self) -> None:
        frame = self._contract.message("DetectStreamRequest")
        requests = [frame(image={"content": self._new_photo()}) for _ in range(3)]
        self._send("DetectStream", iter(requests))

    def _mistake(self) -> None:
        self._send("Detect", self._request("Detect", question=False)[0])

    def _unknown_image(self) -> None:
        request, body = self._request("Ask")
        body.images.add().image_id = "nothing"
        self._send("Ask", request)

    def _hurry(self) -> None:
        request, body = self._request("Ask")
        body.images.add().content = self._new_photo()
        self._send("Ask", request, 0.05)

    def _hurry_and_take_boxes(self) -> None:
        request, body = self._request("PerceiveAndAnswer")
        body.generation.max_new_token_count = 256
        body.allow_degraded = True
        body.images.add().content = self._new_photo()
        self._send("PerceiveAndAnswer", request, 0.6)


def run(
    connect: list[Callable[[], grpc.Channel]], contract: Contract, photos: list[bytes], levels: list[tuple[int, float]]
) -> None:
    """For each level: so many callers at a time for so many seconds, spread over the servers that `connect` connects to."""
    for callers, seconds in levels:
        done = threading.Event()
        threads = [
            threading.Thread(target=_work, args=(VariedCaller(connect[i % len(connect)](), contract, photos, i), done))
            for i in range(callers)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        done.set()
        for thread in threads:
            thread.join()


def _work(caller: VariedCaller, done: threading.Event) -> None:
    while not done.is_set():
        caller.act()
    caller.close()
