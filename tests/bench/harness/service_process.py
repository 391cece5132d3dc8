# SPDX-License-Identifier: Apache-2.0
"""A service that is measured: a child process, and what it uses of the machine."""

import contextlib
import dataclasses
import os
import pathlib
import sys
import time
from collections.abc import Iterator

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "quality"))

import server_process  # noqa: E402


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
    started = time.monotonic()
    with server_process.child(command, port_file, log) as (address, process):
        yield Service(process.pid, address, time.monotonic() - started)
