# SPDX-License-Identifier: Apache-2.0
"""Composites: exact truth, nothing hidden, repeatable."""

import pathlib
import tempfile
import unittest

import cv2
import numpy as np

from pictures import annotations, composites, made_up


class CompositesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.annotations = annotations.load(folder, made_up.write(folder))
        cls.photos = {photo.image_id: photo for photo in cls.annotations.photos}
        cls.made = composites.make(cls.annotations, seed=3)

    def test_objects_are_cut_where_an_outline_is_known(self):
        labels = [source.object_.label for source in composites.cut_outs(self.annotations.photos)]
        self.assertEqual(labels, ["cow", "dog", "chair", "car"])

    def test_class_is_foreign_to_the_photo(self):
        self.assertEqual(len(self.made), len(self.photos))
        for composite in self.made:
            self.assertNotIn(composite.pasted[0], self.photos[composite.image_id].present)

    def test_box_is_that_of_the_pixels_that_changed(self):
        for composite in self.made:
            photo = self.photos[composite.image_id]
            changed = np.argwhere((composite.pixels != cv2.imread(str(photo.path))).any(axis=2))
            (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0) + 1
            box = composite.pasted[1]
            measured = [left / photo.width, top / photo.height, right / photo.width, bottom / photo.height]
            np.testing.assert_allclose([box.x_min, box.y_min, box.x_max, box.y_max], measured, atol=0.02)

    def test_nothing_annotated_is_hidden(self):
        for composite in self.made:
            for object_ in self.photos[composite.image_id].objects:
                hidden = composite.pasted[1].common_area(object_.box) / object_.box.area
                self.assertLessEqual(hidden, composites.MOST_HIDDEN + 0.01)

    def test_truth_is_the_photo_and_what_was_pasted(self):
        truth = composites.truth(self.annotations, self.made)
        self.assertEqual(len(truth["annotations"]), len(self.annotations.truth["annotations"]) + len(self.made))
        self.assertEqual(len({annotation["id"] for annotation in truth["annotations"]}), len(truth["annotations"]))

    def test_same_seed_gives_the_same_pictures(self):
        for one, other in zip(self.made, composites.make(self.annotations, seed=3), strict=True):
            np.testing.assert_array_equal(one.pixels, other.pixels)
            self.assertEqual(one.pasted, other.pasted)


if __name__ == "__main__":
    unittest.main()
