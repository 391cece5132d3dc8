# SPDX-License-Identifier: Apache-2.0
"""The rules by which a server is as it was before the load."""

import collections
import unittest

import grpc

import verdict
import watch

MIB = 1 << 20


def readings(resident: list[float], files: list[int] | None = None) -> list[watch.Reading]:
    files = files or [20] * len(resident)
    return [watch.Reading(float(i), size * MIB, files[i], 30) for i, size in enumerate(resident)]


class MemoryTest(unittest.TestCase):
    def test_growth_during_the_warm_up_is_fine(self):
        line, faults = verdict.memory(readings([100, 300, 600, 800] + [1000] * 12))
        self.assertEqual(faults, [])
        self.assertIn("1000 -> 1000 MiB", line)

    def test_steady_growth_is_not(self):
        _, faults = verdict.memory(readings([1000 + 20 * i for i in range(40)]))
        self.assertEqual(len(faults), 1)
        self.assertIn("resident memory grew by", faults[0])

    def test_growth_within_the_tolerance_is_fine(self):
        _, faults = verdict.memory(readings([1000] * 20 + [1060] * 20))
        self.assertEqual(faults, [])

    def test_the_tolerance_is_the_callers(self):
        grown = readings([1000] * 20 + [1100] * 20)
        self.assertEqual(len(verdict.memory(grown)[1]), 1)
        self.assertEqual(verdict.memory(grown, tolerance_mib=200)[1], [])

    def test_files_that_stay_open_are_found(self):
        _, faults = verdict.memory(readings([1000] * 40, [20 + 2 * i for i in range(40)]))
        self.assertIn("open files grew", faults[0])

    def test_too_few_readings_prove_nothing(self):
        self.assertEqual(len(verdict.memory(readings([1000] * 3))[1]), 1)


class LeftoversTest(unittest.TestCase):
    METRICS = watch.parse(
        "# HELP mrmllm_admitted What.\n"
        'mrmllm_admitted{what="requests"} 0\nmrmllm_admitted{what="pixels"} 0\n'
        'mrmllm_kv_blocks{state="free"} 512\nmrmllm_kv_blocks{state="reserved"} 0\nmrmllm_queue_depth 0\n'
    )

    def test_nothing_is_left_of_an_idle_server(self):
        self.assertEqual(verdict.leftovers(self.METRICS), [])

    def test_what_is_held_is_named(self):
        held = {**self.METRICS, 'mrmllm_admitted{what="pixels"}': 4.0, 'mrmllm_kv_blocks{state="reserved"}': 2.0}
        self.assertEqual(
            verdict.leftovers(held),
            ["mrmllm_admitted is 4, expected 0", "mrmllm_kv_blocks is 2, expected 0"],
        )


class OutcomesTest(unittest.TestCase):
    def test_an_end_that_an_act_may_not_have_is_a_fault(self):
        counts = {"ask": collections.Counter({grpc.StatusCode.OK: 5, grpc.StatusCode.INTERNAL: 2})}
        faults = verdict.outcomes(counts, {"ask": {grpc.StatusCode.OK}})
        self.assertEqual(faults, ["ask: 2 ended with INTERNAL"])

    def test_the_servers_count_lies_between_what_was_answered_and_what_was_sent(self):
        metrics = watch.parse(
            'mrmllm_requests_total{method="Ask",code="OK"} 7\nmrmllm_requests_total{method="Ask",code="CANCELLED"} 2\n'
        )
        self.assertEqual(verdict.accounting(10, 7, metrics)[1], [])
        self.assertEqual(len(verdict.accounting(8, 7, metrics)[1]), 1)
        self.assertEqual(len(verdict.accounting(10, 8, metrics)[1]), 1)


if __name__ == "__main__":
    unittest.main()
