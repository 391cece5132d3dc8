# SPDX-License-Identifier: Apache-2.0
"""The real server goes on when its log can no longer be written.

log_faults_test.py SERVER CLIENT BUNDLE PHOTO WORK_FOLDER
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest
import urllib.request
from collections.abc import Iterator

SERVER, CLIENT, BUNDLE, PHOTO, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:6])
START_SECONDS = 300
STOP_SECONDS = 60


@contextlib.contextmanager
def serving(log: int) -> Iterator[tuple[subprocess.Popen, str, str]]:
    """The process whose standard error is the file descriptor `log`, its gRPC and its metrics address."""
    ports = [WORK / "server.port", WORK / "metrics.port"]
    for port in ports:
        port.unlink(missing_ok=True)
    settings = {
        "bundle.directory": BUNDLE,
        "server.address": "127.0.0.1:0",
        "server.port_file": ports[0],
        "metrics.address": "127.0.0.1:0",
        "metrics.port_file": ports[1],
        "drain.delay": "0s",
    }
    command = [str(SERVER)]
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    with subprocess.Popen(command, stderr=log) as process:
        try:
            await_files(ports, process)
            yield process, *(f"127.0.0.1:{port.read_text().strip()}" for port in ports)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def fill(pipe: int) -> None:
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(pipe, b"x" * 4096)
    os.set_blocking(pipe, True)


def await_files(files: list[pathlib.Path], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not all(file.is_file() for file in files):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start: {process.poll()}")
        time.sleep(0.1)


def lost_lines(metrics: str) -> float:
    with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=10) as page:
        return float(re.search(r"^mrmllm_log_lines_lost_total (\S+)", page.read().decode(), re.MULTILINE)[1])


class LogFaultsTest(unittest.TestCase):
    def assert_goes_on(self, process: subprocess.Popen, address: str, metrics: str):
        before = lost_lines(metrics)
        for _ in range(3):
            subprocess.run([CLIENT, "--server", address, "detect", PHOTO], check=True, capture_output=True, timeout=120)
        self.assertGreaterEqual(lost_lines(metrics), before + 3)
        process.terminate()
        self.assertEqual(process.wait(STOP_SECONDS), 0)

    def test_a_disk_that_is_full(self):
        full = os.open("/dev/full", os.O_WRONLY)
        with serving(full) as (process, address, metrics):
            os.close(full)
            self.assert_goes_on(process, address, metrics)

    def test_a_pipe_whose_reader_has_gone(self):
        reader, writer = os.pipe()
        with serving(writer) as (process, address, metrics):
            os.close(writer)
            os.close(reader)
            self.assert_goes_on(process, address, metrics)

    def test_a_pipe_that_is_full_and_that_nobody_reads(self):
        reader, writer = os.pipe()
        fill(writer)
        with serving(writer) as (process, address, _):
            os.close(writer)
            for _ in range(3):
                command = [CLIENT, "--server", address, "detect", PHOTO]
                subprocess.run(command, check=True, capture_output=True, timeout=120)
            process.terminate()
            self.assertEqual(process.wait(STOP_SECONDS), 0)
        os.close(reader)


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1])
