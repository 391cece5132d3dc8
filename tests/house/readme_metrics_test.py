# SPDX-License-Identifier: Apache-2.0
"""The README's table of metrics is made of the golden file. With MRMLLM_UPDATE_README=1 it is written anew instead."""

import os
import re
import unittest

import source_tree
from metric_names_test import golden_file

_README = source_tree.ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- metrics:begin[^\n]*\n)(.*?)(<!-- metrics:end)", re.DOTALL)


def table() -> str:
    """Name, type and help of every metric, in the order of the golden file."""
    golden = golden_file()
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)", golden, re.MULTILINE))
    rows = [
        f"| `{name}` | {types[name]} | {text} |"
        for name, text in re.findall(r"^# HELP (\S+) (.+)", golden, re.MULTILINE)
    ]
    return "\n".join(["| metric | type | what |", "| --- | --- | --- |", *rows, ""])


class ReadmeMetricsTest(unittest.TestCase):
    def test_table_is_made_of_the_golden_file(self):
        readme = _README.read_text()
        if os.environ.get("MRMLLM_UPDATE_README"):
            _README.write_text(_BLOCK.sub(lambda found: found[1] + table() + found[3], readme))
            return
        self.assertEqual(_BLOCK.search(readme)[2], table())


if __name__ == "__main__":
    unittest.main()
