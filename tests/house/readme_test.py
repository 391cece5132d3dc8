# SPDX-License-Identifier: Apache-2.0
"""A folder's README lists the folder: every source file, and nothing that is not there."""

import pathlib
import re
import unittest

import source_tree

# Folders whose README must exist; below them, any README that exists is checked too.
_TOP = ("base", "proto", "model", "server", "client", "scripts", "docs", "deploy", "docker")
_ROOMS_OF = ("model", "server")
_FILE_ROW = re.compile(r"^\| *([^|]*`[^|]*)\|", re.MULTILINE)


def listed(readme: str) -> list[str]:
    """The names in back quotes in the first column of every table."""
    return [name for row in _FILE_ROW.findall(readme) for name in re.findall(r"`([^`]+)`", row)]


def expected_folders() -> list[pathlib.PurePosixPath]:
    folders = {path.parent for path in source_tree.with_suffix(*source_tree.SOURCE)}
    return sorted(
        folder for folder in folders if str(folder) in _TOP or (len(folder.parts) == 2 and folder.parts[0] in _ROOMS_OF)
    )


class ReadmeTest(unittest.TestCase):
    def test_every_room_has_a_readme(self):
        missing = [str(folder) for folder in expected_folders() if folder / "README.md" not in source_tree.files()]
        self.assertEqual(missing, [])

    def test_every_source_file_is_listed(self):
        faults = []
        for readme in source_tree.files():
            if readme.name != "README.md" or str(readme.parent) == ".":
                continue
            text = source_tree.text(readme)
            if not listed(text):
                continue
            for path in source_tree.with_suffix(*source_tree.SOURCE):
                if path.parent == readme.parent and not re.search(rf"\b{re.escape(path.stem)}\b", text):
                    faults.append(f"{readme}: does not mention {path.name}")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_every_listed_file_is_there(self):
        faults = []
        for readme in source_tree.files():
            if readme.name != "README.md" or str(readme.parent) == ".":
                continue
            for name in listed(source_tree.text(readme)):
                looks_like_file = re.fullmatch(r"[\w./-]+\.(cc|h|py|mjs|proto|cmake|md|json|safetensors|jpg)", name)
                if looks_like_file and not any(
                    (source_tree.ROOT / base / name).exists() for base in (readme.parent, pathlib.PurePosixPath("."))
                ):
                    faults.append(f"{readme}: lists {name}, which is not there")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))


if __name__ == "__main__":
    unittest.main()
