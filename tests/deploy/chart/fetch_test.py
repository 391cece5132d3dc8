# SPDX-License-Identifier: Apache-2.0
"""The script of the init container that fetches a bundle."""

import functools
import hashlib
import http.server
import io
import os
import pathlib
import subprocess
import tarfile
import tempfile
import threading
import unittest

import render

_FILES = {"config.json": b"{}", "model.safetensors": b"weights"}


def archive(files: dict[str, bytes], checksums: str) -> bytes:
    """A compressed tar with these files and a checksums.txt."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in {**files, "checksums.txt": checksums.encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def checksums_of(files: dict[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class FetchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.served, self.models = pathlib.Path(folder.name) / "served", pathlib.Path(folder.name) / "models"
        self.served.mkdir()
        self.models.mkdir()
        handler = functools.partial(Quiet, directory=str(self.served))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fetch(self, data: bytes, sha256: str | None = None) -> subprocess.CompletedProcess:
        (self.served / "bundle.tar.gz").write_bytes(data)
        settings = [
            "model.source=fetch",
            f"model.fetch.url=http://127.0.0.1:{self.server.server_port}/bundle.tar.gz",
            f"model.fetch.sha256={sha256 or hashlib.sha256(data).hexdigest()}",
            "model.fetch.directory=coco-135m/1",
        ]
        deployment = render.one(render.render(settings=settings), "Deployment")
        container = deployment["spec"]["template"]["spec"]["initContainers"][0]
        script = container["args"][0].replace("/models", str(self.models))
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        return subprocess.run(
            [*container["command"], script],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            check=False,
        )

    def test_a_whole_bundle_arrives(self):
        done = self.fetch(archive(_FILES, checksums_of(_FILES)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.models / "coco-135m/1/model.safetensors").read_bytes(), b"weights")

    def test_it_takes_the_place_of_what_an_earlier_try_left(self):
        (self.models / "coco-135m/1").mkdir(parents=True)
        (self.models / "coco-135m/1/half").write_text("of a bundle")
        done = self.fetch(archive(_FILES, checksums_of(_FILES)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((self.models / "coco-135m/1/half").exists())

    def test_an_archive_with_another_hash_is_not_unpacked(self):
        done = self.fetch(archive(_FILES, checksums_of(_FILES)), sha256="0" * 64)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("FAILED", done.stdout)
        self.assertEqual(list((self.models / "coco-135m/1").iterdir()), [])

    def test_a_file_that_is_not_as_checksums_say_stops_the_start(self):
        done = self.fetch(archive({**_FILES, "model.safetensors": b"other"}, checksums_of(_FILES)))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("model.safetensors: FAILED", done.stdout)

    def test_an_archive_that_is_not_there_stops_the_start(self):
        data = archive(_FILES, checksums_of(_FILES))
        self.server.RequestHandlerClass = functools.partial(Quiet, directory="/nonexistent")
        done = self.fetch(data)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("404", done.stderr)


if __name__ == "__main__":
    unittest.main()
