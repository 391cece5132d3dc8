# SPDX-License-Identifier: Apache-2.0
"""One line for every step of a long measurement: what, how much of it, how long it took."""

import contextlib
import sys
import time


@contextlib.contextmanager
def step(what: str, count: int):
    print(f"==> {what}: {count}", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    print(f"({seconds:.1f} s, {count / max(seconds, 1e-6):.1f} a second)", file=sys.stderr, flush=True)


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
