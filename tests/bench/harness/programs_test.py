# SPDX-License-Identifier: Apache-2.0
"""What is read from the programs' output."""

import pathlib
import sys
import tempfile
import unittest

import programs
import services


def printed(*rows: tuple[str, str, float]) -> dict:
    return {"benchmarks": [{"name": name, "run_type": kind, "tokens_per_second": speed} for name, kind, speed in rows]}


class ProgramsTest(unittest.TestCase):
    def test_rows_are_found_by_name_whatever_google_benchmark_hangs_on_it(self):
        rows = programs.language_rows(
            printed(
                ("decode/streams:8/manual_time", "iteration", 300.0),
                ("prefill/tokens:150/real_time", "iteration", 1500.0),
                ("something/else", "iteration", 1.0),
            )
        )
        self.assertEqual(rows, {"decode 8": 300.0, "prefill": 1500.0})

    def test_repetitions_give_their_median_and_aggregates_do_not_count(self):
        rows = programs.language_rows(
            printed(
                ("decode/streams:1", "iteration", 100.0),
                ("decode/streams:1", "iteration", 130.0),
                ("decode/streams:1", "iteration", 110.0),
                ("decode/streams:1_mean", "aggregate", 999.0),
            )
        )
        self.assertEqual(rows, {"decode 1": 110.0})

    def test_a_program_that_fails_ends_the_measurement_and_names_its_log(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with self.assertRaisesRegex(SystemExit, "log"):
                programs.json_of([sys.executable, "-c", "import sys; sys.exit('no such bundle')"], log)
            self.assertIn("no such bundle", log.read_text())


class LoadTest(unittest.TestCase):
    def test_a_level_is_summed_up_per_request(self):
        times = {"p50": 900.0, "p99": 1200.0}
        everything = {
            "ended": 41,
            "ok": 40,
            "requests_per_second": 4.0,
            "answer_tokens_per_second": 60.0,
            "latency_ms": times,
            "first_token_ms": times,
        }
        level = services.summary({"clients": 4, "all": everything}, cpu_seconds=22.0)
        self.assertEqual(level["answer_tokens"], 15.0)
        self.assertEqual(level["failed"], 1)
        self.assertEqual(level["cpu_seconds_per_request"], 0.5)


if __name__ == "__main__":
    unittest.main()
