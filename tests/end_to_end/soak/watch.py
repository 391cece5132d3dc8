# SPDX-License-Identifier: Apache-2.0
"""What the server says of itself while it works, and what the system says of its process."""

import dataclasses
import pathlib
import re
import threading
import time
import urllib.request

_LINE = re.compile(r"^(mrmllm_\w+)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)


def parse(text: str) -> dict[str, float]:
    """Prometheus' text format: 'name' or 'name{label="value"}' and the value."""
    return {name + (f"{{{labels}}}" if labels else ""): float(value) for name, labels, value in _LINE.findall(text)}


def total(metrics: dict[str, float], name: str, *labels: str) -> float:
    """The sum of a metric over its labels, those alone that have all of `labels` ('code="OK"')."""
    return sum(
        value for key, value in metrics.items() if key.split("{")[0] == name and all(label in key for label in labels)
    )


class Server:
    """The metrics and the process of a running server."""

    def __init__(self, metrics_address: str, pid: int):
        self._url = f"http://{metrics_address}/metrics"
        self._pid = pid

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(self._url, timeout=30) as reply:
            return parse(reply.read().decode())

    def open_files(self) -> int:
        return sum(1 for _ in pathlib.Path(f"/proc/{self._pid}/fd").iterdir())

    def threads(self) -> int:
        return sum(1 for _ in pathlib.Path(f"/proc/{self._pid}/task").iterdir())


@dataclasses.dataclass(frozen=True)
class Reading:
    """The state at one moment, in seconds since the watch began."""

    at: float
    resident_bytes: float
    open_files: int
    threads: int


class Watch:
    """Takes a reading again and again, on a thread of its own, from start() to stop()."""

    def __init__(self, server: Server, every_seconds: float):
        self._server = server
        self._every = every_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.readings: list[Reading] = []
        self.failures: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._done.wait(self._every):
            try:
                resident = total(self._server.metrics(), "mrmllm_resident_memory_bytes")
                self.readings.append(
                    Reading(time.monotonic() - began, resident, self._server.open_files(), self._server.threads())
                )
            except OSError as error:
                self.failures.append(f"the server's metrics could not be read: {error}")
                return
