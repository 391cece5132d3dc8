# SPDX-License-Identifier: Apache-2.0
"""Files, folders and functions stay small enough to read."""

import collections
import re
import unittest

import source_tree

MAX_FILE_LINES = 400
MAX_FOLDER_FILES = 15
MAX_FUNCTION_LINES = 80  # none may be longer ...
LONG_FUNCTION_LINES = 50  # ... and few may be longer than this
LONG_FUNCTIONS_SHARE = 0.03

# Folders that are a list by nature, with the reason.
LARGE_FOLDERS = {
    "client/cli": "a file for every command and every kind of option",
    "model/text": "one idea, the tokenizer, in small classes",
    "tests/model/text": "a test for each of them",
}

# Functions that are a table, with the reason.
LONG_TABLES = {
    "server/config/settings_table.cc: MakeSettings": "every setting of the server, one after the other",
}


def functions(text: str) -> list[tuple[str, int]]:
    """Name and length of the functions at namespace scope of a clang-formatted file.

    Such a function starts at column 0 and ends with a brace at column 0.
    """
    found = []
    start, first = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if line == "}" and re.search(r"\w\(", first):
            found.append((re.search(r"([\w:~]+)\(", first)[1], number - start + 1))
            first = ""
        elif re.match(r"[A-Za-z_:]", line):
            if not (first and not first.endswith((";", "{", "}"))):
                start, first = number, line.rstrip()
            else:
                first += " " + line.rstrip()
        elif first and not first.endswith((";", "{", "}")):
            first += " " + line.strip()
    return found


class SizesTest(unittest.TestCase):
    def test_no_file_is_longer_than_the_limit(self):
        long = [
            f"{path}: {lines} lines"
            for path in source_tree.with_suffix(*source_tree.SOURCE)
            if (lines := source_tree.text(path).count("\n")) > MAX_FILE_LINES
        ]
        self.assertEqual(long, [])

    def test_no_folder_has_more_files_than_the_limit(self):
        count = collections.Counter(str(path.parent) for path in source_tree.with_suffix(*source_tree.SOURCE))
        crowded = {
            folder: files for folder, files in count.items() if files > MAX_FOLDER_FILES and folder not in LARGE_FOLDERS
        }
        self.assertEqual(crowded, {})

    def test_functions_are_short(self):
        lengths = [
            (length, f"{path}: {name}, {length} lines")
            for path in source_tree.with_suffix(".cc")
            if path.parts[0] != "tests"
            for name, length in functions(source_tree.text(path))
            if f"{path}: {name}" not in LONG_TABLES
        ]
        too_long = [what for length, what in lengths if length > MAX_FUNCTION_LINES]
        self.assertEqual(too_long, [])
        long = [what for length, what in lengths if length > LONG_FUNCTION_LINES]
        self.assertLessEqual(len(long), max(LONG_FUNCTIONS_SHARE * len(lengths), 1), "\n" + "\n".join(long))

    def test_function_lengths_are_measured_as_a_reader_would(self):
        text = "int Short() { return 1; }\n\nabsl::Status Long(int a,\n                  int b) {\n  Use(a);\n\n  Use(b);\n}\n"
        self.assertEqual(functions(text), [("Long", 6)])


if __name__ == "__main__":
    unittest.main()
