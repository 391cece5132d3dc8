# SPDX-License-Identifier: Apache-2.0
"""A folder's README lists the folder: every source file, and nothing that is not there."""

import pathlib
import re
import unittest

import source_tree

# Folders whose README must exist and list their files; of any other README, what it lists must exist.
_TOP = ("base", "proto", "model", "server", "client", "scripts", "docs", "deploy", "docker")
_ROOMS_OF = ("model", "server")
_LISTED_TESTS = (pathlib.PurePosixPath("tests/house"), pathlib.PurePosixPath("tests/quality"))
_FILE_ROW = re.compile(r"^\| *([^|]*`[^|]*)\|", re.MULTILINE)


def listed(readme: str) -> list[str]:
    """The names in back quotes in the first column of every table."""
    names = [name for row in _FILE_ROW.findall(readme) for name in re.findall(r"`([^`]+)`", row)]
    # "clock.h/.cc" is short for both.
    return [file for name in names for file in ([name[:-4], name[:-6] + ".cc"] if name.endswith(".h/.cc") else [name])]


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
        for folder in [*expected_folders(), *_LISTED_TESTS]:
            readme = folder / "README.md"
            if readme not in source_tree.files():
                continue  # the test above says so
            text = source_tree.text(readme)
            for path in source_tree.with_suffix(*source_tree.SOURCE):
                if path.parent == folder and not re.search(rf"\b{re.escape(path.stem)}\b", text):
                    faults.append(f"{readme}: does not mention {path.name}")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_every_listed_file_is_there(self):
        faults = []
        for readme in source_tree.files():
            if readme.name != "README.md" or str(readme.parent) == ".":
                continue
            for name in listed(source_tree.text(readme)):
                looks_like_file = re.fullmatch(r"[\w./-]+\.(cc|h|py|mjs|proto|cmake|md|json|safetensors|jpg)", name)
                here = f"{readme.parent}/"
                if looks_like_file and not any(
                    str(path) == name or str(path).startswith(here) and f"/{path}".endswith(f"/{name}")
                    for path in source_tree.files()
                ):
                    faults.append(f"{readme}: lists {name}, which is not there")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))


if __name__ == "__main__":
    unittest.main()
