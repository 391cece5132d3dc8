#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is in the built images, and what is not. scripts/image-test builds them and calls this."""

import stat
import unittest

from container import BARE_IMAGE, BUNDLE, IMAGE, USER, image_config, mounted

_MOST_BYTES = 1_200_000_000


class WhatIsInside(unittest.TestCase):
    def setUp(self):
        context = mounted(IMAGE)
        self.root = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.files = [path for path in self.root.rglob("*") if not path.is_symlink()]

    def test_image_is_small(self):
        self.assertLess(image_config(IMAGE)["Size"], _MOST_BYTES)

    def test_variant_without_bundle_has_none(self):
        self.assertTrue((self.root / BUNDLE[1:] / "model.safetensors").is_file())
        with mounted(BARE_IMAGE) as bare:
            self.assertEqual(list((bare / "opt/mrmllm/bundles").iterdir()), [])

    def test_there_is_no_shell_nor_any_other_program(self):
        # Some shared libraries carry the mark too; a library cannot be run, and the loader runs nothing that is not there.
        marked = [
            f"/{path.relative_to(self.root)}" for path in self.files if path.is_file() and path.stat().st_mode & 0o111
        ]
        programs = [path for path in marked if ".so" not in path]
        self.assertEqual(sorted(programs), ["/usr/bin/mrmllm", "/usr/bin/mrmllm_server"])

    def test_its_user_can_write_nothing(self):
        modes = [(path, path.stat()) for path in self.files]
        writable = [p for p, s in modes if s.st_mode & 0o022 or s.st_uid == USER or s.st_gid == USER]
        privileged = [p for p, s in modes if s.st_mode & (stat.S_ISUID | stat.S_ISGID)]
        self.assertEqual((writable, privileged), ([], []))

    def test_its_user_can_read_everything(self):
        unreadable = [p for p in self.files if not p.stat().st_mode & (0o001 if p.is_dir() else 0o004)]
        self.assertEqual(unreadable, [])

    def test_licences_of_everything_are_inside(self):
        docs = self.root / "usr/share/doc"
        for path in ("mrmllm/LICENSE", "mrmllm/THIRD_PARTY_NOTICES.md", "torch-2.15.0/LICENSE"):
            self.assertTrue((docs / path).is_file(), path)
        packages = [path.name for path in (self.root / "var/lib/dpkg/status.d").iterdir()]
        self.assertIn("libgrpc++1.51", packages)
        self.assertEqual([name for name in packages if not (docs / name / "copyright").is_file()], [])

    def test_labels_and_commands_say_what_it_is(self):
        inspected = image_config(IMAGE)
        config, labels = inspected["Config"], inspected["Labels"]
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertEqual(config["Entrypoint"], ["/usr/bin/mrmllm_server"])
        self.assertEqual(inspected["Healthcheck"]["Test"][:3], ["CMD", "/usr/bin/mrmllm", "health"])
        self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
        self.assertRegex(labels["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
