# SPDX-License-Identifier: Apache-2.0
"""Boxes with labels and scores, as a reply or an annotation has them."""

import dataclasses

from pictures.annotations import Photo
from pictures.geometry import Box


@dataclasses.dataclass(frozen=True)
class Found:
    """An object that somebody says is there."""

    label: str
    box: Box
    score: float


def of_reply(image_detections) -> list[Found]:
    """The boxes of one image of a reply."""
    return [
        Found(
            detection.label,
            Box(detection.box.x_min, detection.box.y_min, detection.box.x_max, detection.box.y_max),
            detection.score,
        )
        for detection in image_detections.detections
    ]


def of_photo(photo: Photo) -> list[Found]:
    """The true boxes, each sure."""
    return [Found(object_.label, object_.box, 1.0) for object_ in photo.objects]


def coco_results(
    image_id: int, width: int, height: int, boxes: list[Found], category_ids: dict[str, int]
) -> list[dict]:
    """The boxes in COCO's result format: pixels of the picture, corner and size."""
    results = []
    for found in boxes:
        if found.label not in category_ids:
            raise SystemExit(f"the server says '{found.label}', a class that the annotations do not have")
        box = found.box
        results.append(
            {
                "image_id": image_id,
                "category_id": category_ids[found.label],
                "bbox": [
                    box.x_min * width,
                    box.y_min * height,
                    (box.x_max - box.x_min) * width,
                    (box.y_max - box.y_min) * height,
                ],
                "score": found.score,
            }
        )
    return results
