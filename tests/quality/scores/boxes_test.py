# SPDX-License-Identifier: Apache-2.0
"""Average precision: on all photos it is COCO's own, on a draw it is COCO's of the photos drawn."""

import unittest

import numpy as np

from scores.bootstrap import Resampling
from scores.boxes import BoxScores, true_boxes

CLASSES = 3
PHOTOS = 12


def made_up(seed: int) -> tuple[dict, list[dict]]:
    """Random objects, and a detector that misses some, misplaces some and invents some."""
    rng = np.random.default_rng(seed)
    annotations, results = [], []
    for image_id in range(1, PHOTOS + 1):
        for _ in range(rng.integers(1, 5)):
            x, y, width, height = rng.integers(5, 60, 4).tolist()
            category = int(rng.integers(1, CLASSES + 1))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": category,
                    "bbox": [x, y, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
            shift = rng.normal(0, 2, 4)
            if rng.random() < 0.8:
                results.append(box(image_id, category, np.array([x, y, width, height]) + shift, rng.random()))
            if rng.random() < 0.5:
                results.append(box(image_id, int(rng.integers(1, CLASSES + 1)), rng.integers(5, 60, 4), rng.random()))
    return {
        "images": [{"id": image_id, "width": 128, "height": 128} for image_id in range(1, PHOTOS + 1)],
        "annotations": annotations,
        "categories": [{"id": category, "name": str(category)} for category in range(1, CLASSES + 1)],
    }, results


def box(image_id: int, category: int, place, score: float) -> dict:
    return {"image_id": image_id, "category_id": category, "bbox": [float(x) for x in place], "score": float(score)}


class BoxScoresTest(unittest.TestCase):
    def setUp(self):
        self.instances, self.results = made_up(5)
        self.ids = list(range(1, PHOTOS + 1))
        self.scores = BoxScores(true_boxes(self.instances), self.ids, self.results)

    def test_all_photos_have_pycocotools_precision(self):
        precision, precision50 = self.scores.estimates(Resampling(self.ids), rounds=2)
        self.assertAlmostEqual(precision.value, self.scores.score().map)
        self.assertAlmostEqual(precision50.value, self.scores.score().map50)
        self.assertGreater(precision50.value, precision.value)

    def test_draw_without_repetition_is_the_precision_of_its_photos(self):
        chosen = self.ids[:7]
        subset = BoxScores(true_boxes(self.instances), chosen, self.results).score()
        weights = np.array([int(image_id in chosen) for image_id in self.ids])
        np.testing.assert_allclose(self.scores.mean_precision(weights), (subset.map, subset.map50))

    def test_draws_lie_around_the_figure(self):
        precision, _ = self.scores.estimates(Resampling(self.ids), rounds=50)
        self.assertAlmostEqual(precision.samples.mean(), precision.value)
        self.assertGreater(precision.samples.std(), 0.005)

    def test_true_boxes_are_perfect_on_every_draw(self):
        truth = [
            box(each["image_id"], each["category_id"], each["bbox"], 0.9) for each in self.instances["annotations"]
        ]
        precision, _ = BoxScores(true_boxes(self.instances), self.ids, truth).estimates(Resampling(self.ids), rounds=20)
        np.testing.assert_allclose(precision.samples, 1.0)

    def test_no_boxes_score_nothing(self):
        scores = BoxScores(true_boxes(self.instances), self.ids, [])
        self.assertEqual((scores.score().map, scores.score().boxes), (0.0, 0))
        self.assertEqual(scores.estimates(Resampling(self.ids), rounds=3)[0].value, 0.0)


if __name__ == "__main__":
    unittest.main()
