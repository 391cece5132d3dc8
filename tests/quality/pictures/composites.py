# SPDX-License-Identifier: Apache-2.0
"""Objects where nobody expects them: cut out of one annotated photo by their outline, pasted onto another.

An object goes onto a photo that shows none of its class, at any place and in any plausible size, where it hides nothing that is
annotated; so the truth is exact: the photo's own annotations and the pasted object's. Cut out of and pasted onto the
photos that are measured on: what was trained on has no part in it.
"""

import dataclasses
import random
from typing import Any

import cv2
import numpy as np

from pictures.annotations import Annotations, Object, Photo
from pictures.geometry import Box

SMALLEST_CUT_SIDE = 48  # pixels: smaller cut-outs are too coarse to paste
AREAS = (0.02, 0.15)  # of the photo that they are pasted onto
MOST_HIDDEN = 0.05  # of an annotated object
TRIES = 60


@dataclasses.dataclass(frozen=True)
class Composite:
    """A picture, BGR, uint8, with its annotations in COCO's form; `pasted`: the label and box of what was added."""

    image_id: int
    pixels: np.ndarray
    annotations: list[dict[str, Any]]
    pasted: tuple[str, Box]


@dataclasses.dataclass(frozen=True)
class _CutOut:
    photo: Photo
    object_: Object


def cut_outs(photos: list[Photo]) -> list[_CutOut]:
    """The objects that can be cut out whole: one outline (nothing lies before them), away from the photo's edges, large enough."""
    found = []
    for photo in photos:
        for object_ in photo.objects:
            box = object_.box
            inside = min(box.x_min, box.y_min, 1 - box.x_max, 1 - box.y_max) > 0.005
            side = min((box.x_max - box.x_min) * photo.width, (box.y_max - box.y_min) * photo.height)
            if not object_.crowd and len(object_.polygons) == 1 and inside and side >= SMALLEST_CUT_SIDE:
                found.append(_CutOut(photo, object_))
    return found


def make(annotations: Annotations, seed: int) -> list[Composite]:
    """One composite for every photo that something can be pasted onto."""
    sources = cut_outs(annotations.photos)
    own = {photo.image_id: [] for photo in annotations.photos}
    for annotation in annotations.truth["annotations"]:
        own[annotation["image_id"]].append(annotation)
    composites = []
    for photo in annotations.photos:
        rng = random.Random(f"composite {seed} {photo.image_id}")
        foreign = [source for source in sources if source.object_.label not in photo.present]
        placed = _placed(photo, foreign, rng) if foreign else None
        if placed is None:
            continue
        source, corner, size, flipped = placed
        pixels, box = _paste(photo, source, corner, size, flipped)
        added = _annotation(photo, source.object_.label, box, annotations.category_ids)
        composites.append(Composite(photo.image_id, pixels, [*own[photo.image_id], added], (source.object_.label, box)))
    return composites


def truth(annotations: Annotations, composites: list[Composite]) -> dict[str, Any]:
    """What the composites show, as an instances file would tell it."""
    made = {composite.image_id for composite in composites}
    every = [annotation for composite in composites for annotation in composite.annotations]
    return {
        "images": [image for image in annotations.truth["images"] if image["id"] in made],
        "annotations": [{**annotation, "id": number} for number, annotation in enumerate(every, start=1)],
        "categories": annotations.truth["categories"],
    }


def _placed(photo: Photo, sources: list[_CutOut], rng: random.Random):
    """A source, its corner and size in pixels, and whether it is mirrored; None where nothing found room."""
    for _ in range(TRIES):
        source = rng.choice(sources)
        box = source.object_.box
        width = (box.x_max - box.x_min) * source.photo.width
        height = (box.y_max - box.y_min) * source.photo.height
        scale = (rng.uniform(*AREAS) * photo.width * photo.height / (width * height)) ** 0.5
        # Never much larger than it was taken: an enlarged cut-out would be told by its blur.
        scale = min(scale, 1.5)
        size = round(width * scale), round(height * scale)
        if size[0] >= photo.width or size[1] >= photo.height or min(size) < SMALLEST_CUT_SIDE // 2:
            continue
        corner = rng.randrange(photo.width - size[0]), rng.randrange(photo.height - size[1])
        place = Box(
            corner[0] / photo.width,
            corner[1] / photo.height,
            (corner[0] + size[0]) / photo.width,
            (corner[1] + size[1]) / photo.height,
        )
        hidden = [place.common_area(object_.box) / object_.box.area for object_ in photo.objects if object_.box.area]
        if max(hidden, default=0.0) <= MOST_HIDDEN:
            return source, corner, size, rng.random() < 0.5
    return None


def _paste(photo: Photo, source: _CutOut, corner, size, flipped: bool) -> tuple[np.ndarray, Box]:
    """The picture, and the box of the pixels that were pasted."""
    pixels = cv2.imread(str(photo.path), cv2.IMREAD_COLOR)
    cut, mask = _cut(source)
    if flipped:
        cut, mask = cut[:, ::-1], mask[:, ::-1]
    cut = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    solid = np.argwhere(mask >= 0.5)
    (top, left), (bottom, right) = solid.min(axis=0), solid.max(axis=0) + 1
    rows, columns = slice(corner[1], corner[1] + size[1]), slice(corner[0], corner[0] + size[0])
    under = pixels[rows, columns]
    alpha = cv2.GaussianBlur(mask, (3, 3), 0)[..., None]
    pixels[rows, columns] = np.clip(_relit(cut, mask, under) * alpha + under * (1 - alpha), 0, 255).astype(np.uint8)
    box = Box(
        (corner[0] + left) / photo.width,
        (corner[1] + top) / photo.height,
        (corner[0] + right) / photo.width,
        (corner[1] + bottom) / photo.height,
    )
    return pixels, box


def _cut(source: _CutOut) -> tuple[np.ndarray, np.ndarray]:
    """The object's pixels inside its box, and which of them are its own, in [0, 1]."""
    pixels = cv2.imread(str(source.photo.path), cv2.IMREAD_COLOR)
    mask = np.zeros(pixels.shape[:2], np.float32)
    outline = np.array(source.object_.polygons[0], np.float32).reshape(-1, 2)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1.0)
    rows, columns = np.nonzero(mask)
    inside = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    return pixels[inside], mask[inside]


def _relit(cut: np.ndarray, mask: np.ndarray, under: np.ndarray) -> np.ndarray:
    """The object half-way to the brightness of where it goes."""
    own = float((cut.mean(axis=2) * mask).sum() / max(mask.sum(), 1.0))
    gain = ((under.mean() + 16.0) / (own + 16.0)) ** 0.5
    return cut * min(max(gain, 0.6), 1.6)


def _annotation(photo: Photo, label: str, box: Box, category_ids: dict[str, int]) -> dict[str, Any]:
    x, y = box.x_min * photo.width, box.y_min * photo.height
    width, height = (box.x_max - box.x_min) * photo.width, (box.y_max - box.y_min) * photo.height
    return {
        "image_id": photo.image_id,
        "category_id": category_ids[label],
        "bbox": [x, y, width, height],
        "area": width * height,
        "iscrowd": 0,
    }
