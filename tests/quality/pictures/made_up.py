# SPDX-License-Identifier: Apache-2.0
"""For tests: a folder of drawn photos with annotations, some with outlines."""

import json
import pathlib

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 240
LABELS = ["bench", "car", "chair", "cow", "cup", "dog", "spoon"]
# By file: label, box (corner and size, pixels), whether an outline is known.
OBJECTS = {
    "field.png": [
        ("cow", (10, 20, 90, 70), True),
        ("cow", (200, 140, 60, 60), False),
        ("dog", (210, 20, 60, 60), True),
    ],
    "room.png": [("chair", (30, 130, 80, 90), True), ("cup", (220, 20, 50, 50), False)],
    "street.png": [("car", (60, 60, 120, 80), True)],
}


def write(folder: pathlib.Path) -> pathlib.Path:
    """Draws the photos into `folder` and returns the instances file beside them."""
    images, annotations = [], []
    for image_id, (name, objects) in enumerate(OBJECTS.items(), start=1):
        rng = np.random.default_rng(image_id)
        pixels = cv2.resize(rng.integers(0, 255, (6, 8, 3), np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for number, (label, (x, y, width, height), outlined) in enumerate(objects):
            cv2.rectangle(pixels, (x, y), (x + width, y + height), (40 * LABELS.index(label), 90 * number, 200), -1)
            outline = [[x, y, x + width, y, x + width, y + height, x, y + height]] if outlined else None
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": LABELS.index(label) + 1,
                    "bbox": [x, y, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                    "segmentation": outline,
                }
            )
        cv2.imwrite(str(folder / name), pixels)
        images.append({"id": image_id, "file_name": name, "width": WIDTH, "height": HEIGHT})
    categories = [{"id": index, "name": label} for index, label in enumerate(LABELS, start=1)]
    file = folder / "instances.json"
    file.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return file
