# SPDX-License-Identifier: Apache-2.0
"""Box average precision, scored by COCO's own code."""

import contextlib
import dataclasses
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotations import Annotations, Photo

_STATS = ("map", "map50", "map75", "map_small", "map_medium", "map_large")


@dataclasses.dataclass(frozen=True)
class DetectionScore:
    """Mean average precision over IoU 0.5 to 0.95, at 0.5, at 0.75, and by size of object; in [0, 1], -1: no object."""

    photos: int
    boxes: int
    map: float
    map50: float
    map75: float
    map_small: float
    map_medium: float
    map_large: float


def coco_boxes(photo: Photo, image_detections, category_ids: dict[str, int]) -> list[dict]:
    """The boxes of a reply in COCO's result format: pixels of the annotated image, corner and size."""
    results = []
    for detection in image_detections.detections:
        if detection.label not in category_ids:
            raise SystemExit(f"the server says '{detection.label}', a class that the annotations do not have")
        box = detection.box
        results.append(
            {
                "image_id": photo.image_id,
                "category_id": category_ids[detection.label],
                "bbox": [
                    box.x_min * photo.width,
                    box.y_min * photo.height,
                    (box.x_max - box.x_min) * photo.width,
                    (box.y_max - box.y_min) * photo.height,
                ],
                "score": detection.score,
            }
        )
    return results


def score(annotations: Annotations, results: list[dict]) -> DetectionScore:
    """Scores `results` on the photos of `annotations`."""
    image_ids = [photo.image_id for photo in annotations.photos]
    wanted = set(image_ids)
    results = [result for result in results if result["image_id"] in wanted]
    if not results:
        return DetectionScore(len(image_ids), 0, *[0.0] * len(_STATS))
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress there
        truth = COCO(str(annotations.file))
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.imgIds = image_ids
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    stats = dict(zip(_STATS, map(float, evaluation.stats), strict=False))
    return DetectionScore(photos=len(image_ids), boxes=len(results), **stats)
