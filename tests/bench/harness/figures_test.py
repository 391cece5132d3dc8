# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios, and which goals a set of measurements gives."""

import unittest

import figures
from figures import Goal

LEVEL = {"requests_per_second": 1.0, "p99_ms": 100.0}


class FiguresTest(unittest.TestCase):
    def test_the_median_of_an_odd_number_of_runs_is_the_middle_one(self):
        self.assertEqual(figures.median([9.0, 1.0, 5.0]), 5.0)

    def test_no_runs_have_no_median(self):
        with self.assertRaises(ValueError):
            figures.median([])

    def test_the_best_setting_is_the_fastest(self):
        self.assertEqual(figures.best({"Q8_0": 135.0, "BF16": 105.0}), ("Q8_0", 135.0))

    def test_the_spread_is_a_share_of_the_median(self):
        self.assertAlmostEqual(figures.spread([90.0, 100.0, 110.0]), 0.2)


class GoalTest(unittest.TestCase):
    def test_a_speed_reaches_its_goal_from_the_limit_on(self):
        self.assertTrue(Goal("x", "tokens/s", 150, 100, "other", 1.5).reached)
        self.assertFalse(Goal("x", "tokens/s", 149, 100, "other", 1.5).reached)

    def test_a_time_reaches_its_goal_up_to_the_limit(self):
        self.assertTrue(Goal("x", "ms", 50, 100, "other", 0.5, at_least=False).reached)
        self.assertFalse(Goal("x", "ms", 51, 100, "other", 0.5, at_least=False).reached)


class GoalsTest(unittest.TestCase):
    def test_each_side_of_a_language_goal_takes_its_fastest_format(self):
        results = {
            "language": {
                "tokens_per_second": {"int4": {"decode 1": [200.0, 220.0, 210.0]}, "bfloat16": {"decode 1": [90.0]}}
            },
            "language_peer": {"tokens_per_second": {"Q8_0": {"decode 1": [140.0]}, "BF16": {"decode 1": [100.0]}}},
        }
        for row, limit in (("decode 8", 1.5), ("decode 16", 1.5), ("prefill", 1.5)):
            results["language"]["tokens_per_second"]["bfloat16"][row] = [100.0 * limit]
            results["language_peer"]["tokens_per_second"]["BF16"][row] = [100.0]
        first, *rest = figures.goals(results)
        self.assertEqual((first.what, first.ours, first.other), ("decode, 1 stream (int4)", 210.0, 140.0))
        self.assertEqual(first.against, "llama.cpp, Q8_0")
        self.assertEqual([goal.limit for goal in rest], [1.5, 1.5, 1.5])
        self.assertTrue(all(goal.reached for goal in rest))

    def test_ours_alone_gives_only_goals_against_ourselves(self):
        fast = LEVEL | {"requests_per_second": 3.0}
        lines = figures.goals({"service": {"ours": {"1": [LEVEL], "16": [fast]}}, "language": {}})
        self.assertEqual([(goal.what, goal.ratio) for goal in lines], [("throughput at 16 clients", 3.0)])

    def test_a_service_is_compared_by_throughput_and_by_its_slowest_replies(self):
        glued = LEVEL | {"p99_ms": 50.0}
        lines = figures.goals({"service": {"ours": {"1": [LEVEL]}, "glued": {"1": [glued]}}})
        self.assertEqual([goal.unit for goal in lines], ["requests/s", "ms"])
        self.assertEqual([goal.reached for goal in lines], [True, False])

    def test_throughput_must_double_from_sixteen_clients_on(self):
        levels = {"4": [LEVEL], "16": [LEVEL], "64": [LEVEL]}
        lines = figures.goals({"service": {"ours": levels, "glued": levels}})
        limits = [goal.limit for goal in lines if goal.against == "glued service" and goal.at_least]
        self.assertEqual(limits, [1.0, 2.0, 2.0])

    def test_the_null_engine_counts_with_each_sides_best_number_of_callers(self):
        def row(callers, server, echo):
            sides = {"server": {"requests_per_second": [server]}, "echo": {"requests_per_second": [echo]}}
            return {"name": "detect/id", "callers": callers, **sides}

        (goal,) = figures.goals({"null_engine": [row(16, 80.0, 90.0), row(64, 70.0, 100.0)]})
        self.assertAlmostEqual(goal.ratio, 0.8)
        self.assertTrue(goal.reached)

    def test_the_second_question_is_measured_by_the_first(self):
        (goal,) = figures.goals({"second_question": {"first_ms": [100.0, 120.0, 110.0], "second_ms": [44.0]}})
        self.assertAlmostEqual(goal.ratio, 0.4)
        self.assertTrue(goal.reached)


if __name__ == "__main__":
    unittest.main()
