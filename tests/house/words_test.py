# SPDX-License-Identifier: Apache-2.0
"""Words that a file must have, and words that it may not."""

import re
import unittest

import source_tree

_SPDX = "SPDX-License-Identifier: Apache-2.0"
_CLOCK = "base/clock.cc"

# In C++ outside base/clock.cc: time comes through base/clock.h, locks are absl::Mutex (clang can check those), and nothing sleeps.
_FORBIDDEN_CPP = re.compile(
    r"std::(recursive_|shared_|timed_)*mutex\b|std::condition_variable|std::(lock_guard|unique_lock|scoped_lock)\b"
    r"|std::this_thread::sleep|absl::SleepFor|\bu?sleep\(|\bnanosleep\("
    r"|absl::(Now|GetCurrentTimeNanos)\(|_clock::now\(|\bgettimeofday\(|\bclock_gettime\(|std::time\("
)
_VAGUE_STEMS = {"util", "utils", "common", "helper", "helpers", "misc", "types"}
# Absolute paths of somebody's machine.
_MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home|Users)/[\w.]")


class WordsTest(unittest.TestCase):
    def assert_no_faults(self, faults):
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_source_files_start_with_their_licence(self):
        faults = []
        for path in source_tree.files():
            script = path.suffix == "" and source_tree.is_text(path) and source_tree.text(path).startswith("#!")
            if path.suffix in source_tree.SOURCE or path.name in ("CMakeLists.txt", "Makefile", "Dockerfile") or script:
                if not any(_SPDX in line for line in source_tree.text(path).splitlines()[:2]):
                    faults.append(f"{path}: no '{_SPDX}' in its first two lines")
        self.assert_no_faults(faults)

    def test_headers_are_guarded_by_their_path(self):
        faults = []
        for path in source_tree.with_suffix(".h"):
            guard = "MRMLLM_" + re.sub(r"[^A-Za-z0-9]", "_", str(path)).upper() + "_"
            text = source_tree.text(path)
            if f"#ifndef {guard}\n#define {guard}\n" not in text or not text.rstrip().endswith(f"#endif  // {guard}"):
                faults.append(f"{path}: expected the include guard {guard}")
        self.assert_no_faults(faults)

    def test_no_raw_locks_clocks_or_sleeps(self):
        faults = []
        for path in source_tree.with_suffix(*source_tree.CPP):
            if str(path) == _CLOCK:
                continue
            for number, line in enumerate(source_tree.text(path).splitlines(), start=1):
                code = line.split("//")[0]
                if found := _FORBIDDEN_CPP.search(code):
                    faults.append(f"{path}:{number}: {found[0]}")
        self.assert_no_faults(faults)

    def test_every_todo_names_its_issue(self):
        faults = []
        for path in source_tree.with_suffix(*source_tree.SOURCE):
            for number, line in enumerate(source_tree.text(path).splitlines(), start=1):
                if re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))", line) and "tests/house/" not in str(path):
                    faults.append(f"{path}:{number}: {line.strip()}")
        self.assert_no_faults(faults)

    def test_no_file_has_a_vague_name(self):
        faults = [
            str(path)
            for path in source_tree.with_suffix(*source_tree.SOURCE)
            if path.stem.removesuffix("_test") in _VAGUE_STEMS
        ]
        self.assert_no_faults(faults)

    def test_no_path_of_somebodys_machine(self):
        faults = []
        for path in source_tree.files():
            if source_tree.is_text(path):
                for number, line in enumerate(source_tree.text(path).splitlines(), start=1):
                    if found := _MACHINE_PATH.search(line):
                        faults.append(f"{path}:{number}: {found[0]}")
        self.assert_no_faults(faults)


if __name__ == "__main__":
    unittest.main()
