# SPDX-License-Identifier: Apache-2.0
"""Bundles that were cut off, changed or never finished: the server does not start, and says which file and why."""

import os
import pathlib
import subprocess
import tempfile
import unittest
from collections.abc import Callable

from fault_server import BINARY, BUNDLE

START_SECONDS = 120
CANNOT_SERVE = 1  # exit code
FILES = ("config.json", "tokenizer.json", "model.safetensors", "MODEL_CARD.md", "checksums.txt")


def cut(data: bytearray) -> bytearray:
    return data[: len(data) // 2]


def emptied(_: bytearray) -> bytearray:
    return bytearray()


def flipped(data: bytearray) -> bytearray:
    data[len(data) // 2] ^= 0x20
    return data


class BrokenBundlesTest(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def broken(self, name: str, damage: Callable[[bytearray], bytearray] | None) -> pathlib.Path:
        """The bundle with one file damaged, or without it."""
        bundle = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        for file in BUNDLE.iterdir():
            if file.name != name:
                os.symlink(file.resolve(), bundle / file.name)
            elif damage is not None:
                (bundle / name).write_bytes(damage(bytearray(file.read_bytes())))
        return bundle

    def refusal(self, bundle: pathlib.Path, *settings: str) -> str:
        """What the server says when it does not start."""
        port_file = bundle / "port"
        command = [str(BINARY)]
        for setting in (
            f"bundle.directory={bundle}",
            "server.address=127.0.0.1:0",
            f"server.port_file={port_file}",
            "metrics.address=",
            *settings,
        ):
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
        self.assertEqual(done.returncode, CANNOT_SERVE, done.stderr)
        self.assertFalse(port_file.exists(), "it listened")
        return done.stderr

    def test_every_cut_off_file_is_named(self):
        for name in FILES:
            with self.subTest(file=name):
                self.assertIn(f"/{name}: ", self.refusal(self.broken(name, cut)))

    def test_every_changed_file_is_named(self):
        for name in FILES:
            with self.subTest(file=name):
                # A checksum that was changed itself is laid at the door of the file that it belongs to.
                named = f"/{name}: checksum: " if name != "checksums.txt" else ": checksum: expected "
                self.assertIn(named, self.refusal(self.broken(name, flipped)))

    def test_an_empty_file_is_named(self):
        self.assertIn("/config.json: is empty", self.refusal(self.broken("config.json", emptied)))

    def test_a_missing_file_is_named(self):
        for name in ("config.json", "model.safetensors", "checksums.txt"):
            with self.subTest(file=name):
                said = self.refusal(self.broken(name, None))
                self.assertIn(f"/{name}: No such file", said)

    def test_a_changed_byte_is_said_to_be_a_changed_file(self):
        said = self.refusal(self.broken("config.json", flipped))
        self.assertIn("config.json: checksum: expected", said)
        self.assertIn("the file is corrupt or was changed", said)

    def test_a_cut_off_file_is_refused_without_checksums_too(self):
        reasons = {
            "config.json": "config.json: expected JSON",
            "tokenizer.json": "tokenizer.json: expected JSON",
            "model.safetensors": "model.safetensors: tensor '",
        }
        for name, reason in reasons.items():
            with self.subTest(file=name):
                said = self.refusal(self.broken(name, cut), "bundle.verify_checksums=false")
                self.assertIn(reason, said)

    def test_a_folder_that_is_no_bundle(self):
        self.assertIn("config.json: No such file", self.refusal(self.work))


if __name__ == "__main__":
    unittest.main()
