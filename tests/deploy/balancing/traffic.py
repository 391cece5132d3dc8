# SPDX-License-Identifier: Apache-2.0
"""Callers that never pause, and what became of every one of their requests."""

import collections
import dataclasses
import itertools
import pathlib
import random
import threading
import time

import grpc

from contract_messages import Contract

CALL_SECONDS = 120
TOKENS = 12
ATTEMPTS = 4
PAUSE_SECONDS = 0.2  # between the attempts of a caller
METHODS = ("Detect", "Ask", "AskStream", "PerceiveAndAnswer")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one attempt ended. `begun`: a part of the reply was there before."""

    method: str
    code: grpc.StatusCode
    begun: bool
    text: str
    seconds: float

    @property
    def asks_again(self) -> bool:
        """No server answers any more. A proxy resets a stream that its server broke, which gRPC calls INTERNAL."""
        return self.code == grpc.StatusCode.UNAVAILABLE or (self.begun and self.code == grpc.StatusCode.INTERNAL)


class Tally:
    """Outcomes since the last reset. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.first: list[Outcome] = []  # of every request
            self.given_up: list[Outcome] = []  # of requests that no attempt of their caller answered

    def add(self, attempts: list[Outcome]) -> None:
        with self._lock:
            self.first.append(attempts[0])
            if attempts[-1].code != grpc.StatusCode.OK:
                self.given_up.append(attempts[-1])

    @property
    def not_ok(self) -> list[Outcome]:
        with self._lock:
            return [outcome for outcome in self.first if outcome.code != grpc.StatusCode.OK]

    def lines(self) -> list[str]:
        """One a method: how its requests ended at their caller's first attempt."""
        with self._lock:
            counts = collections.Counter((o.method, o.code.name, o.begun and o.code.name != "OK") for o in self.first)
            slowest = max((outcome.seconds for outcome in self.first), default=0)
            total = len(self.first)
        found = [
            f"  {method:<18}{code}{' in a begun stream' * begun:<24}{n:>6}"
            for (method, code, begun), n in sorted(counts.items())
        ]
        return [
            *found,
            f"  {total} requests, the slowest took {slowest:.1f} s, {len(self.given_up)} remained without an answer",
        ]


class Callers:
    """Threads that send one request after the other, from start() to stop(), each over a channel of its own."""

    def __init__(self, contract: Contract, photos: list[bytes], target: str, options: list, count: int):
        self.tally = Tally()
        self._contract, self._photos = contract, photos
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(grpc.insecure_channel(target, options), i)) for i in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _run(self, channel: grpc.Channel, number: int) -> None:
        methods = {name: self._contract.method(channel, name) for name in METHODS}
        choice = random.Random(number)
        for turn in itertools.count():
            if self._done.is_set():
                break
            name = choice.choice(METHODS)
            photo = self._photos[turn % len(self._photos)]
            self.tally.add(self._ask(methods[name], name, self._request(name, photo, f"{number}.{turn}")))
        channel.close()

    def _ask(self, method, name: str, request) -> list[Outcome]:
        attempts = []
        while len(attempts) < ATTEMPTS:
            attempts.append(attempt(method, name, request))
            if not attempts[-1].asks_again:
                break
            time.sleep(PAUSE_SECONDS)
        return attempts

    def _request(self, name: str, photo: bytes, mark: str):
        request = self._contract.message(f"{name}Request")()
        body = request.ask if name == "AskStream" else request
        body.images.add().content = unlike_others(photo, mark)
        if name != "Detect":
            body.question = "What is in the picture?"
            body.generation.max_new_token_count = TOKENS
        return request


def attempt(method, name: str, request) -> Outcome:
    began, begun = time.monotonic(), False
    try:
        reply = method(request, timeout=CALL_SECONDS)
        if name.endswith("Stream"):
            for _ in reply:
                begun = True
        return Outcome(name, grpc.StatusCode.OK, begun, "", time.monotonic() - began)
    except grpc.RpcError as error:
        return Outcome(name, error.code(), begun, error.details(), time.monotonic() - began)


def unlike_others(jpeg: bytes, mark: str) -> bytes:
    """The same picture with a comment in it, so that no cache knows it."""
    return with_comment(jpeg, mark.encode())


def with_comment(jpeg: bytes, text: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def grown(jpeg: bytes, size: int) -> bytes:
    """The same picture in a file of at least so many bytes."""
    while len(jpeg) < size:
        jpeg = with_comment(jpeg, bytes(60000))
    return jpeg


def load_photos(folder: pathlib.Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
