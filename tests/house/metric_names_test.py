# SPDX-License-Identifier: Apache-2.0
"""Metric names stand in one source file, equal the golden file, and follow Prometheus' naming."""

import re
import unittest

import source_tree

_HOME = "server/telemetry/metrics.cc"
_NAME = re.compile(r'"(mrmllm_[a-z0-9_]+)"')
_NOT_METRICS = {"mrmllm_server"}


def golden_file() -> str:
    """The one checked-in file of HELP and TYPE lines."""
    goldens = [
        path
        for path in source_tree.files()
        if path.parts[0] == "tests" and path.suffix == ".txt" and "# TYPE mrmllm_" in source_tree.text(path)
    ]
    assert len(goldens) == 1, f"expected one golden file of metrics under tests/, found {goldens}"
    return source_tree.text(goldens[0])


def golden_names() -> dict[str, str]:
    """Type by name."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)", golden_file(), re.MULTILINE))


class MetricNamesTest(unittest.TestCase):
    def test_names_stand_in_one_source_file(self):
        faults = []
        for path in source_tree.with_suffix(*source_tree.CPP):
            if path.parts[0] in ("server", "client", "model", "base") and str(path) != _HOME:
                faults += [
                    f"{path}: {name}" for name in _NAME.findall(source_tree.text(path)) if name not in _NOT_METRICS
                ]
        self.assertEqual(faults, [])

    def test_names_equal_the_golden_file(self):
        home = (source_tree.ROOT / _HOME).read_text()
        self.assertEqual(sorted(set(_NAME.findall(home))), sorted(golden_names()))

    def test_names_follow_the_conventions(self):
        for name, kind in golden_names().items():
            with self.subTest(name):
                self.assertEqual(name.endswith("_total"), kind == "counter")
                self.assertNotIn(kind, ("summary", "untyped"))
                self.assertIsNone(re.search(r"_(ms|us|millis|micros|kb|mb|percent)(_|$)", name))


if __name__ == "__main__":
    unittest.main()
