# SPDX-License-Identifier: Apache-2.0
"""Intervals: of known distributions, paired, and repeatable."""

import unittest

import numpy as np

from scores.bootstrap import Resampling, mean


class ResamplingTest(unittest.TestCase):
    def setUp(self):
        self.resampling = Resampling(range(100), seed=1)

    def test_share_and_its_interval_are_those_of_the_binomial(self):
        estimate = self.resampling.share((unit, unit < 30) for unit in range(100))
        low, high = estimate.interval()
        self.assertAlmostEqual(estimate.value, 0.30)
        self.assertAlmostEqual(low, 0.30 - 1.96 * 0.0458, delta=0.02)
        self.assertAlmostEqual(high, 0.30 + 1.96 * 0.0458, delta=0.02)

    def test_questions_about_one_photo_vary_together(self):
        alone = self.resampling.share((unit, unit % 2 == 0) for unit in range(100))
        tenfold = self.resampling.share((unit, unit % 2 == 0) for unit in range(100) for _ in range(10))
        np.testing.assert_allclose(alone.samples, tenfold.samples)

    def test_difference_is_paired(self):
        easier = self.resampling.share((unit, unit < 60) for unit in range(100))
        harder = self.resampling.share((unit, unit < 55) for unit in range(100))
        low, high = easier.minus(harder).interval()
        self.assertAlmostEqual(easier.minus(harder).value, 0.05)
        self.assertGreaterEqual(low, 0.0)  # wherever one is right, so is the other
        self.assertLess(high - low, 0.1)

    def test_same_seed_gives_the_same_draws(self):
        np.testing.assert_array_equal(self.resampling.weights, Resampling(range(100), seed=1).weights)

    def test_every_draw_has_as_many_photos(self):
        self.assertTrue((self.resampling.weights.sum(axis=1) == 100).all())

    def test_nothing_measured_is_no_number(self):
        self.assertEqual(self.resampling.share([]).as_json(), {"value": None, "low": None, "high": None})

    def test_mean_is_of_values_and_of_draws(self):
        estimates = [self.resampling.share((unit, unit < count) for unit in range(100)) for count in (20, 40)]
        self.assertAlmostEqual(mean(estimates).value, 0.30)
        np.testing.assert_allclose(mean(estimates).samples, (estimates[0].samples + estimates[1].samples) / 2)


if __name__ == "__main__":
    unittest.main()
