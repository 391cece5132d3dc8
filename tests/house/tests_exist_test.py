# SPDX-License-Identifier: Apache-2.0
"""Every .cc has its _test.cc at the mirrored place, or another test that includes its header, or a reason in untested.txt."""

import re
import unittest

import source_tree

_TESTED = ("base", "model", "server", "client")


def reasons() -> dict[str, str]:
    """untested.txt: one file a line, a colon, the reason."""
    lines = (source_tree.ROOT / "tests/house/untested.txt").read_text().splitlines()
    entries = [line.split(":", 1) for line in lines if line and not line.startswith("#")]
    return {path.strip(): reason.strip() for path, reason in entries}


class TestsExistTest(unittest.TestCase):
    def setUp(self):
        self.files = {str(path) for path in source_tree.files()}
        self.tested_headers = {
            header
            for path in source_tree.with_suffix(".cc")
            if path.parts[0] == "tests" and path.stem.endswith("_test")
            for header in re.findall(r'^#include "([^"]+)"', source_tree.text(path), re.MULTILINE)
        }
        self.sources = [str(path) for path in source_tree.with_suffix(".cc") if path.parts[0] in _TESTED]

    def has_test(self, source: str) -> bool:
        stem = source.removesuffix(".cc")
        return f"tests/{stem}_test.cc" in self.files or f"{stem}.h" in self.tested_headers

    def test_every_source_has_a_test_or_a_reason(self):
        excused = reasons()
        missing = [source for source in self.sources if not self.has_test(source) and source not in excused]
        self.assertEqual(missing, [], "\n" + "\n".join(missing))

    def test_reasons_are_given_and_needed(self):
        stale = [
            path
            for path, reason in reasons().items()
            if path not in self.files or self.has_test(path) or len(reason) < 15
        ]
        self.assertEqual(stale, [])


if __name__ == "__main__":
    unittest.main()
