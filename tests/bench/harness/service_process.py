# SPDX-License-Identifier: Apache-2.0
"""A service that is measured: a child process that writes the port it listens on to a file."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

START_SECONDS = 600
STOP_SECONDS = 60
_POLL_SECONDS = 0.02


@dataclasses.dataclass(frozen=True)
class Service:
    """`start_seconds`: from its start as a process until it serves."""

    pid: int
    address: str
    start_seconds: float

    def resident_bytes(self) -> int:
        return self._status("VmRSS")

    def peak_resident_bytes(self) -> int:
        return self._status("VmHWM")

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, key: str) -> int:
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == key:
                return int(value.split()[0]) * 1024
        raise KeyError(key)


@contextlib.contextmanager
def running(command: list[str], port_file: pathlib.Path, log: pathlib.Path) -> Iterator[Service]:
    """Starts `command`, which must write its port to `port_file`; stops it at the end."""
    port_file.unlink(missing_ok=True)
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        port = _await_port(process, port_file, log)
        yield Service(process.pid, f"127.0.0.1:{port}", time.monotonic() - started)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_port(process: subprocess.Popen, port_file: pathlib.Path, log: pathlib.Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the service ended with {process.returncode} while starting; see {log}")
        if port_file.is_file() and port_file.read_text().strip():
            return int(port_file.read_text().strip().rpartition(":")[2])
        time.sleep(_POLL_SECONDS)
    raise SystemExit(f"the service told no port within {START_SECONDS} s; see {log}")
