# SPDX-License-Identifier: Apache-2.0
"""Corruptions: repeatable, of the same shape, and worse the stronger."""

import unittest

import numpy as np

from pictures import corruptions


def photo() -> np.ndarray:
    """Smooth colors with sharp edges, 96 x 128."""
    y, x = np.mgrid[0:96, 0:128]
    pixels = np.stack([x * 2, y * 2, 255 - x - y], axis=2).astype(np.uint8)
    pixels[30:60, 40:80] = (10, 200, 90)
    return pixels


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


class CorruptionsTest(unittest.TestCase):
    def test_same_seed_gives_the_same_pixels_and_another_seed_others(self):
        for kind in corruptions.KINDS:
            once, again = (corruptions.corrupt(photo(), kind, 2, "7") for _ in range(2))
            np.testing.assert_array_equal(once, again, kind)
        for kind in ("fog", "night", "motion blur", "noise"):
            other = corruptions.corrupt(photo(), kind, 2, "8")
            self.assertGreater(distance(corruptions.corrupt(photo(), kind, 2, "7"), other), 0, kind)

    def test_stronger_is_further_from_the_photo(self):
        for kind in corruptions.KINDS:
            weak, strong = (distance(photo(), corruptions.corrupt(photo(), kind, strength, "1")) for strength in (1, 3))
            self.assertGreater(weak, 0.3, kind)
            self.assertGreater(strong, weak, kind)

    def test_shape_and_type_stay_and_the_photo_is_left_alone(self):
        pixels = photo()
        for kind in corruptions.KINDS:
            corrupted = corruptions.corrupt(pixels, kind, 3, "1")
            self.assertEqual((corrupted.shape, corrupted.dtype), (pixels.shape, pixels.dtype), kind)
        np.testing.assert_array_equal(pixels, photo())

    def test_night_is_dark_and_fog_is_pale(self):
        pixels = photo()
        self.assertLess(corruptions.corrupt(pixels, "night", 2, "1").mean(), pixels.mean() / 2)
        self.assertLess(corruptions.corrupt(pixels, "fog", 2, "1").std(), pixels.std())

    def test_unknown_strength_is_refused(self):
        with self.assertRaisesRegex(ValueError, "strength"):
            corruptions.corrupt(photo(), "fog", 4, "1")


if __name__ == "__main__":
    unittest.main()
