# SPDX-License-Identifier: Apache-2.0
"""The real server loads, switches and refuses versions of the real bundle while clients ask it.

model_reload_test.py SERVER CLIENT BUNDLE PHOTOS
"""

import contextlib
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from collections.abc import Iterator

SERVER, CLIENT, BUNDLE, PHOTOS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
TIMEOUT_SECONDS = 300
REFUSED = 4  # the client's exit code


def bundle_name() -> str:
    return json.loads((BUNDLE / "config.json").read_text())["name"]


def add_version(repository: pathlib.Path, version: str) -> pathlib.Path:
    """Another version of the bundle: its own config and checksums, the same weights."""
    folder = repository / bundle_name() / version
    folder.mkdir(parents=True)
    for file in BUNDLE.iterdir():
        (folder / file.name).symlink_to(file)
    config = json.loads((BUNDLE / "config.json").read_text())
    config["version"] = version
    rewrite(folder / "config.json", json.dumps(config))
    digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    lines = (BUNDLE / "checksums.txt").read_text().splitlines()
    lines = [f"{digest}  config.json" if line.endswith("config.json") else line for line in lines]
    rewrite(folder / "checksums.txt", "\n".join(lines) + "\n")
    return folder


def rewrite(path: pathlib.Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def write_half(path: pathlib.Path) -> None:
    """As after a copy that was broken off."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def command_line(repository: pathlib.Path) -> list[str]:
    settings = {
        "models.repository": repository,
        "models.open_admin": "true",
        "server.address": "127.0.0.1:0",
        "metrics.address": "",
        "drain.delay": "0s",
        "log.format": "json",
        "scheduler.max_running_sequences": "4",  # so that the warm-up is short
    }
    return [str(SERVER)] + [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]


@contextlib.contextmanager
def serving(repository: pathlib.Path) -> Iterator[tuple[str, list[dict]]]:
    """The address of a server of this repository, once it serves, and its log, which grows."""
    with subprocess.Popen(command_line(repository), stderr=subprocess.PIPE, text=True) as server:
        try:
            log = []
            for line in server.stderr:
                log.append(json.loads(line))
                if log[-1]["message"] == "serving":
                    break
            else:
                raise RuntimeError(f"the server did not start: {log}")
            port = log[-1]["port"]
            reader = threading.Thread(target=lambda: log.extend(map(json.loads, server.stderr)))
            reader.start()
            yield f"127.0.0.1:{port}", log
            server.terminate()
            reader.join(TIMEOUT_SECONDS)
        finally:
            server.terminate()
            server.wait(TIMEOUT_SECONDS)


def run(address: str, *arguments: str) -> subprocess.CompletedProcess:
    command = [
        str(CLIENT),
        "--server",
        address,
        "--timeout",
        f"{TIMEOUT_SECONDS}s",
        "--retries",
        "1",
        "--json",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)


class Callers:
    """Ask without a pause from several threads, and keep what came back."""

    def __init__(self, address: str):
        self.failures: list[str] = []
        self.versions: list[str] = []
        self._stop = threading.Event()
        photo = str(sorted(PHOTOS.glob("*.jpg"))[0])
        requests = [("detect", photo), ("ask", "-q", "What is it?", "--max-new-tokens", "8", photo)]
        self._threads = [threading.Thread(target=self._ask, args=(address, request)) for request in requests]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, address: str, request: tuple[str, ...]) -> None:
        while not self._stop.is_set():
            done = run(address, *request)
            if done.returncode == 0:
                self.versions.append(json.loads(done.stdout.splitlines()[-1])["model_version"])
            else:
                self.failures.append(done.stdout + done.stderr)

    def await_answers(self, count: int) -> None:
        """Until so many more came, or something failed."""
        enough = len(self.versions) + count
        while len(self.versions) < enough and not self.failures:
            self._stop.wait(0.05)


class ModelReloadTest(unittest.TestCase):
    def setUp(self):
        self.repository = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.repository)
        self.name = bundle_name()
        add_version(self.repository, "1")

    def models(self, address: str) -> dict[str, dict]:
        lines = run(address, "models").stdout.splitlines()
        return {model["version"]: model for model in map(json.loads, lines)}

    def test_no_request_fails_while_versions_change(self):
        with serving(self.repository) as (address, log), Callers(address) as callers:
            callers.await_answers(4)
            self.assertEqual(set(callers.versions), {"1"})

            add_version(self.repository, "2")
            loaded = run(address, "load", self.name)
            self.assertEqual(loaded.returncode, 0, loaded.stderr)
            callers.await_answers(6)
            self.assertEqual(callers.versions[-1], "2")

            write_half(add_version(self.repository, "3") / "tokenizer.json")
            refused = run(address, "load", self.name)
            self.assertEqual(refused.returncode, REFUSED)
            error = json.loads(refused.stdout)["error"]
            self.assertEqual(error["code"], "FAILED_PRECONDITION")
            self.assertIn(f"{self.name}/3/tokenizer.json: checksum", error["message"])
            callers.await_answers(4)
            self.assertEqual(callers.versions[-1], "2")

            states = {version: model["state"] for version, model in self.models(address).items()}
            self.assertEqual(states, {"2": "ready", "3": "failed"})
            self.assertIn("checksum", self.models(address)["3"]["failure"])
            back = run(address, "load", self.name, "--version", "1")
            self.assertEqual(back.returncode, 0, back.stderr)
            callers.await_answers(4)
            self.assertEqual(callers.versions[-1], "1")
        self.assertEqual(callers.failures, [])
        messages = [line["message"] for line in log]
        self.assertEqual(messages.count("model unloaded"), 3)  # 1, 2, and 1 again at the end
        print(f"{len(callers.versions)} answers, of versions {sorted(set(callers.versions))}, none failed")

    def test_start_refuses_a_broken_bundle(self):
        breaks = {
            "tokenizer.json: checksum": lambda folder: write_half(folder / "tokenizer.json"),
            "model.safetensors": lambda folder: (folder / "model.safetensors").unlink(),
            "config.json": lambda folder: (folder / "config.json").unlink(),
            "checksums.txt": lambda folder: (folder / "checksums.txt").unlink(),
        }
        for version, (words, damage) in enumerate(breaks.items(), start=2):
            with self.subTest(words):
                damage(add_version(self.repository, str(version)))
                done = subprocess.run(
                    command_line(self.repository), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
                )
                self.assertEqual(done.returncode, 1)
                last = json.loads(done.stderr.splitlines()[-1])
                self.assertEqual(last["message"], "cannot serve")
                self.assertIn(f"{self.name}/{version}/{words}", last["error"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
