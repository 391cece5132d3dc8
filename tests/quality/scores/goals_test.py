# SPDX-License-Identifier: Apache-2.0
"""Goals: reached at the bound, judged only where measured."""

import unittest

from scores import goals
from scores.bootstrap import Resampling
from scores.goals import AT_LEAST, AT_MOST, Goal


class GoalsTest(unittest.TestCase):
    def test_bound_itself_is_reached(self):
        for comparison, worse in ((AT_LEAST, 0.8), (AT_MOST, 1.0)):
            self.assertTrue(Goal("x", 0.9, comparison, 0.9).reached())
            self.assertFalse(Goal("x", worse, comparison, 0.9).reached())

    def test_estimates_are_told_with_their_interval(self):
        estimate = Resampling(range(10)).share((unit, unit < 5) for unit in range(10))
        told = Goal("x", estimate, AT_LEAST, 0.4).as_json()
        self.assertEqual((told["value"], told["reached"]), (0.5, True))
        self.assertLess(told["low"], told["high"])

    def test_what_was_not_measured_is_not_judged(self):
        self.assertEqual(goals.judge({"photos": 3}), [])


if __name__ == "__main__":
    unittest.main()
