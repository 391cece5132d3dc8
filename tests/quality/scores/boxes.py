# SPDX-License-Identifier: Apache-2.0
"""Box average precision: COCO's own code matches and scores; the bootstrap needs the precision on every draw besides."""

import contextlib
import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from scores.bootstrap import Estimate, Resampling

_STATS = ("map", "map50", "map75", "map_small", "map_medium", "map_large")
_IOU_HALF = 0  # index of the IoU threshold 0.5


@dataclasses.dataclass(frozen=True)
class DetectionScore:
    """Mean average precision over IoU 0.5 to 0.95, at 0.5, at 0.75, and by size of object; in [0, 1], -1: no object."""

    boxes: int
    map: float
    map50: float
    map75: float
    map_small: float
    map_medium: float
    map_large: float


def true_boxes(instances: dict[str, Any]) -> COCO:
    """An instances file's content, as COCO's code holds it."""
    with _silence():
        truth = COCO()
        truth.dataset = instances
        truth.createIndex()
    return truth


class BoxScores:
    """One detector's boxes matched with the true ones, once; scores follow for all photos and for every draw of them."""

    def __init__(self, truth: COCO, image_ids: Sequence[int], results: list[dict]):
        """`results`: in COCO's result format; those of other images are left out."""
        wanted = set(image_ids)
        results = [result for result in results if result["image_id"] in wanted]
        self.image_ids = list(image_ids)
        self._box_count = len(results)
        self._classes: list[_ClassMatches] = []
        self._stats = [0.0] * len(_STATS)
        if not results:
            return
        with _silence():
            evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
            evaluation.params.imgIds = self.image_ids
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        self._stats = [float(stat) for stat in evaluation.stats[: len(_STATS)]]
        params = evaluation.params
        order = {image_id: index for index, image_id in enumerate(self.image_ids)}
        ids, areas = list(params.imgIds), len(params.areaRng)
        for category in range(len(params.catIds)):
            start = category * areas * len(ids)  # "all" is the first of the areas
            entries = list(zip(ids, evaluation.evalImgs[start : start + len(ids)], strict=True))
            matches = _matches([(order[id_], entry) for id_, entry in entries if entry is not None], params)
            if matches is not None:
                self._classes.append(matches)

    def score(self) -> DetectionScore:
        """Of all photos, as pycocotools tells it."""
        return DetectionScore(self._box_count, *self._stats)

    def estimates(self, resampling: Resampling, rounds: int) -> tuple[Estimate, Estimate]:
        """mAP and mAP@.5 with the first `rounds` draws; the resampling's units are the image ids.

        Classes that few photos show are missing from many draws, and often they are hard ones: the draws lie too high, all by about
        the same. They are moved so that their mean is the figure itself.
        """
        columns = [resampling.units.index(image_id) for image_id in self.image_ids]
        values = self.mean_precision(np.ones(len(columns), int))
        draws = np.array([self.mean_precision(weights) for weights in resampling.weights[:rounds, columns]])
        draws += np.array(values) - draws.mean(axis=0)
        return Estimate(values[0], draws[:, 0]), Estimate(values[1], draws[:, 1])

    def mean_precision(self, weights: np.ndarray) -> tuple[float, float]:
        """mAP and mAP@.5 of a draw that has each photo `weights` times, in the order of the image ids."""
        precisions = [matches.average_precision(weights) for matches in self._classes]
        known = [precision for precision in precisions if precision is not None]
        if not known:
            return 0.0, 0.0
        mean = np.mean(known, axis=0)  # [IoU thresholds]
        return float(mean.mean()), float(mean[_IOU_HALF])


@dataclasses.dataclass(frozen=True)
class _ClassMatches:
    """Of one class, best score first (D boxes, T IoU thresholds, I photos): `image` [D], `right` and `wrong` [T, D], `objects` [I]."""

    image: np.ndarray
    right: np.ndarray
    wrong: np.ndarray
    objects: np.ndarray
    recalls: np.ndarray

    def average_precision(self, weights: np.ndarray) -> np.ndarray | None:
        """[T]: the mean of the precision at 101 recalls, as COCO defines it; None where the draw has no object of the class."""
        objects = int(self.objects @ weights)
        if objects == 0:
            return None
        of_box = weights[self.image]
        right = np.cumsum(self.right * of_box, axis=1, dtype=float)
        wrong = np.cumsum(self.wrong * of_box, axis=1, dtype=float)
        recall = right / objects
        precision = right / np.maximum(right + wrong, np.finfo(float).eps)
        precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        precision = np.concatenate([precision, np.zeros((len(precision), 1))], axis=1)  # recalls that are never reached
        first = [np.searchsorted(row, self.recalls, side="left") for row in recall]
        return np.array([row[index].mean() for row, index in zip(precision, first, strict=True)])


def _matches(entries: list[tuple[int, dict]], params) -> _ClassMatches | None:
    """From COCOeval's entries of one class; None where no photo shows the class."""
    objects = np.zeros(len(params.imgIds), int)
    for index, entry in entries:
        objects[index] = int((~np.asarray(entry["gtIgnore"], bool)).sum())
    if objects.sum() == 0:
        return None
    most = params.maxDets[-1]
    scores = np.concatenate([entry["dtScores"][:most] for _, entry in entries])
    order = np.argsort(-scores, kind="mergesort")
    matched = np.concatenate([entry["dtMatches"][:, :most] for _, entry in entries], axis=1)[:, order] > 0
    ignored = np.concatenate([entry["dtIgnore"][:, :most] for _, entry in entries], axis=1)[:, order].astype(bool)
    image = np.concatenate([np.full(len(entry["dtScores"][:most]), index) for index, entry in entries])[order]
    return _ClassMatches(image.astype(int), matched & ~ignored, ~matched & ~ignored, objects, params.recThrs)


def _silence():
    """pycocotools reports its progress on the terminal."""
    return contextlib.redirect_stdout(io.StringIO())
