# SPDX-License-Identifier: Apache-2.0
"""Copies of a photo are found, other photos are not."""

import pathlib
import tempfile
import unittest

import cv2

from pictures import duplicates, made_up


class DuplicatesTest(unittest.TestCase):
    def setUp(self):
        self.trained_on = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.measured_on = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        made_up.write(self.trained_on)
        self.street = cv2.imread(str(self.trained_on / "street.png"))

    def compare(self, pixels):
        path = self.measured_on / "copy.jpg"
        cv2.imwrite(str(path), pixels)
        return duplicates.compare(self.trained_on, [path])

    def test_copies_are_found(self):
        small = cv2.resize(self.street, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        for copy in (self.street, small, self.street[:, ::-1].copy(), cv2.convertScaleAbs(self.street, beta=20)):
            self.assertEqual([name for name, _, _ in self.compare(copy).near], ["street.png"])

    def test_other_photos_are_not(self):
        (self.trained_on / "street.png").unlink()
        found = self.compare(self.street)
        self.assertEqual((found.near, found.trained_on), ([], 2))
        self.assertGreater(found.closest, duplicates.NEAR_BITS)


if __name__ == "__main__":
    unittest.main()
