# SPDX-License-Identifier: Apache-2.0
"""Photos and what is in them, from a COCO instances file."""

import collections
import dataclasses
import json
import pathlib
from typing import Any

from pictures.geometry import Box


@dataclasses.dataclass(frozen=True)
class Object:
    """One annotated object. `polygons`: its outline, pixels, x and y in turn; empty where nobody drew one.

    A crowd is a region with objects that nobody counted.
    """

    label: str
    box: Box
    crowd: bool = False
    polygons: tuple[tuple[float, ...], ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """One annotated photo that lies in the folder. Equal only to itself."""

    image_id: int
    path: pathlib.Path
    width: int
    height: int
    objects: tuple[Object, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many objects of each class it shows, crowds left out."""
        return dict(collections.Counter(object_.label for object_ in self.objects if not object_.crowd))

    @property
    def crowds(self) -> frozenset[str]:
        """The classes that are there in numbers nobody counted."""
        return frozenset(object_.label for object_ in self.objects if object_.crowd)

    @property
    def present(self) -> frozenset[str]:
        return frozenset(object_.label for object_ in self.objects)

    def singles(self) -> list[Object]:
        """The objects that are the only one of their class, by label."""
        counts = self.counts
        single = [object_ for object_ in self.objects if counts.get(object_.label) == 1]
        return sorted((one for one in single if one.label not in self.crowds), key=lambda one: one.label)


@dataclasses.dataclass(frozen=True)
class Annotations:
    """The photos of a folder that an instances file knows, in the order of their ids.

    `truth`: the instances file's content for these photos alone, as COCO's own code wants it.
    """

    photos: list[Photo]
    category_ids: dict[str, int]
    truth: dict[str, Any]


def load(folder: pathlib.Path, file: pathlib.Path, limit: int = 0) -> Annotations:
    """Reads `file` and keeps the images that lie in `folder`; the first `limit` of them unless it is 0."""
    data = json.loads(file.read_text())
    images = [image for image in data["images"] if (folder / image["file_name"]).is_file()]
    if not images:
        raise SystemExit(f"none of the {len(data['images'])} images of {file} lies in {folder}")
    images.sort(key=lambda image: image["id"])
    images = images[:limit] if limit else images
    kept = {image["id"] for image in images}
    annotations = [annotation for annotation in data["annotations"] if annotation["image_id"] in kept]
    names = {category["id"]: category["name"] for category in data["categories"]}
    by_image = collections.defaultdict(list)
    for annotation in annotations:
        by_image[annotation["image_id"]].append(annotation)
    photos = [
        Photo(
            image_id=image["id"],
            path=folder / image["file_name"],
            width=image["width"],
            height=image["height"],
            objects=tuple(_object(annotation, image, names) for annotation in by_image[image["id"]]),
        )
        for image in images
    ]
    truth = {"images": images, "annotations": annotations, "categories": data["categories"]}
    return Annotations(photos, {name: category_id for category_id, name in names.items()}, truth)


def _object(annotation: dict, image: dict, names: dict[int, str]) -> Object:
    x, y, width, height = annotation["bbox"]
    outline = annotation.get("segmentation")
    return Object(
        label=names[annotation["category_id"]],
        box=Box(x / image["width"], y / image["height"], (x + width) / image["width"], (y + height) / image["height"]),
        crowd=bool(annotation.get("iscrowd")),
        polygons=tuple(map(tuple, outline)) if isinstance(outline, list) else (),
    )
