# SPDX-License-Identifier: Apache-2.0
"""A service as a child process that writes the port it listens on to a file; and our server as one."""

import contextlib
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

START_SECONDS = 600
STOP_SECONDS = 60
_POLL_SECONDS = 0.02


@contextlib.contextmanager
def running(binary: pathlib.Path, bundle: pathlib.Path, work: pathlib.Path, settings: list[str]) -> Iterator[str]:
    """Starts our server on a free loopback port and yields its host:port; stops it at the end. Its log goes to work/server.log."""
    with started(binary, bundle, work, settings) as (address, _):
        yield address


@contextlib.contextmanager
def started(
    binary: pathlib.Path, bundle: pathlib.Path, work: pathlib.Path, settings: list[str]
) -> Iterator[tuple[str, subprocess.Popen]]:
    """The same with the process, which has ended (its returncode is there) when the context has."""
    port_file = work / "server.port"
    command = [str(binary)]
    for setting in [
        f"bundle.directory={bundle}",
        "server.address=127.0.0.1:0",
        f"server.port_file={port_file}",
        "metrics.address=127.0.0.1:0",
        "drain.delay=0s",
        *settings,
    ]:
        command += ["--set", setting]
    with child(command, port_file, work / "server.log") as started_child:
        yield started_child


@contextlib.contextmanager
def child(
    command: list[str], port_file: pathlib.Path, log_path: pathlib.Path
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Starts any `command` that writes its port to `port_file`; yields host:port and process; stops it (SIGTERM) at the end."""
    port_file.unlink(missing_ok=True)
    with log_path.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield f"127.0.0.1:{_wait_for_port(process, port_file, log_path)}", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_port(process: subprocess.Popen, port_file: pathlib.Path, log_path: pathlib.Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the service ended with {process.returncode} while starting; see {log_path}")
        if port_file.is_file() and port_file.read_text().strip():
            return int(port_file.read_text().strip().rpartition(":")[2])
        time.sleep(_POLL_SECONDS)
    raise SystemExit(f"the service told no port within {START_SECONDS} s; see {log_path}")
