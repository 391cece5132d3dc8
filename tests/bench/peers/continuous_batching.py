# SPDX-License-Identifier: Apache-2.0
"""Answers of many requests in one llama.cpp batch: who has a slot takes part in every step, who ends makes room at once."""

import collections
import contextlib
import dataclasses
import threading
from collections.abc import Callable

from llama_model import LlamaModel


@dataclasses.dataclass
class Answer:
    """One request. `on_text` gets each piece as it is made, `on_end` whether the model ended by itself."""

    tokens: list[int]  # the prompt, the shared prefix included
    max_new_tokens: int
    on_text: Callable[[str], None]
    on_end: Callable[[bool], None]
    slot: int = -1
    done: int = 0  # prompt tokens in the cache
    made: int = 0  # answer tokens
    next_token: int = -1
    undecoded: bytes = b""

    def take(self, token: int, model: LlamaModel) -> bool:
        """Passes a token on; True when it was the last one."""
        self.made += 1
        if model.ends_text(token):
            return self._end(True)
        self.undecoded += model.piece(token)
        if b"\n" in self.undecoded:  # the stop string of the bundle's prompts
            self.undecoded = self.undecoded.partition(b"\n")[0]
            return self._end(True)
        with contextlib.suppress(UnicodeDecodeError):  # half a character waits for its other half
            text, self.undecoded = self.undecoded.decode(), b""
            self.on_text(text)
        self.next_token = token
        return self._end(False) if self.made >= self.max_new_tokens else False

    def _end(self, by_itself: bool) -> bool:
        if self.undecoded:
            self.on_text(self.undecoded.decode(errors="replace"))
        self.on_end(by_itself)
        return True


class ContinuousBatching:
    """A thread that runs llama.cpp. `submit` from any thread.

    `prefix` is computed once and copied to every answer that begins with it. Each step takes one token of every running
    answer and fills the rest of the batch with prompts, as llama.cpp's own server does.
    """

    def __init__(self, model: LlamaModel, slots: int, prefix: list[int], device: contextlib.AbstractContextManager):
        self._model = model
        self._device = device
        self._prefix = prefix
        self._prefix_sequence = slots
        self._free = list(range(slots))
        self._running: list[Answer] = []
        self._waiting: collections.deque[Answer] = collections.deque()
        self._work = threading.Condition()
        self._stopped = False
        if prefix:
            model.decode([(self._prefix_sequence, 0, prefix, False)])
        self._thread = threading.Thread(target=self._loop, name="llama", daemon=True)
        self._thread.start()

    def submit(self, answer: Answer) -> None:
        with self._work:
            self._waiting.append(answer)
            self._work.notify()

    def stop(self) -> None:
        with self._work:
            self._stopped = True
            self._work.notify()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._work:
                while not (self._running or self._waiting or self._stopped):
                    self._work.wait()
                if self._stopped:
                    return
                while self._waiting and self._free:
                    self._start(self._waiting.popleft())
            self._step()

    def _start(self, answer: Answer) -> None:
        answer.slot = self._free.pop()
        count = len(self._prefix)
        if count and answer.tokens[:count] == self._prefix and len(answer.tokens) > count:
            self._model.copy(self._prefix_sequence, answer.slot)
            answer.done = count
        self._running.append(answer)

    def _step(self) -> None:
        items, wanting = [], []
        room = self._model.max_batch
        for answer in self._running:
            if answer.next_token >= 0:
                items.append((answer.slot, len(answer.tokens) + answer.made - 1, [answer.next_token], True))
                wanting.append(answer)
                room -= 1
        for answer in self._running:
            if answer.next_token < 0 and room > 0:
                part = answer.tokens[answer.done : answer.done + room]
                last = answer.done + len(part) == len(answer.tokens)
                items.append((answer.slot, answer.done, part, last))
                answer.done += len(part)
                room -= len(part)
                if last:
                    wanting.append(answer)
        with self._device:
            tokens = self._model.decode(items)
        for answer, token in zip(wanting, tokens, strict=True):
            if answer.take(token, self._model):
                self._running.remove(answer)
                self._model.forget(answer.slot)
                self._free.append(answer.slot)
