# SPDX-License-Identifier: Apache-2.0
"""A server process that can be drained, killed and started again at the same address."""

import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
SERVER = pathlib.Path(os.environ.get("MRMLLM_SERVER", ROOT / "build/release/server/mrmllm_server"))
BUNDLE = ROOT / "build/bundles/coco-135m"
START_SECONDS = 120
STOP_SECONDS = 60
# Several replicas share the cores of one machine.
SMALL = ("device.threads=1", "decode.threads=1", "cache.capacity_bytes=67108864", "kv_cache.capacity_bytes=67108864")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Replica:
    """Its ports stay the same from one start to the next; its log is work/NAME.log."""

    def __init__(self, name: str, work: pathlib.Path, settings: tuple[str, ...] = ()):
        self.name, self.port, self.metrics_port = name, free_port(), free_port()
        self._log_path = work / f"{name}.log"
        self._port_file = work / f"{name}.port"
        self._settings = (
            f"bundle.directory={BUNDLE}",
            f"server.address=127.0.0.1:{self.port}",
            f"server.port_file={self._port_file}",
            f"metrics.address=127.0.0.1:{self.metrics_port}",
            *SMALL,
            *settings,
        )
        self._process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begins; await_ready() waits."""
        self._port_file.unlink(missing_ok=True)
        command = [str(SERVER)]
        for setting in self._settings:
            command += ["--set", setting]
        with self._log_path.open("a") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._port_file.exists():
            if self._process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self._process.returncode} at its start: {self._log_path}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not start within {START_SECONDS} s: {self._log_path}")
            time.sleep(0.05)

    def drain(self) -> int:
        """SIGTERM; returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """At the end of a test: whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
