# SPDX-License-Identifier: Apache-2.0
"""Photos and what is in them, from a COCO instances file."""

import collections
import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Photo:
    """One annotated photo that lies in the folder.

    `counts` tells how many objects of each class it shows; a class in `crowds` is there in numbers nobody counted.
    """

    image_id: int
    path: pathlib.Path
    width: int
    height: int
    counts: dict[str, int]
    crowds: frozenset[str]

    @property
    def present(self) -> frozenset[str]:
        return frozenset(self.counts) | self.crowds


@dataclasses.dataclass(frozen=True)
class Annotations:
    """The photos of a folder that an instances file knows, in the order of their ids."""

    file: pathlib.Path
    photos: list[Photo]
    category_ids: dict[str, int]


def load(folder: pathlib.Path, file: pathlib.Path, limit: int = 0) -> Annotations:
    """Reads `file` and keeps the images that lie in `folder`; the first `limit` of them unless it is 0."""
    data = json.loads(file.read_text())
    names = {category["id"]: category["name"] for category in data["categories"]}
    counts: dict[int, collections.Counter] = collections.defaultdict(collections.Counter)
    crowds: dict[int, set[str]] = collections.defaultdict(set)
    for annotation in data["annotations"]:
        name = names[annotation["category_id"]]
        if annotation.get("iscrowd"):
            crowds[annotation["image_id"]].add(name)
        else:
            counts[annotation["image_id"]][name] += 1
    photos = []
    for image in sorted(data["images"], key=lambda image: image["id"]):
        path = folder / image["file_name"]
        if path.is_file():
            image_id = image["id"]
            photos.append(
                Photo(
                    image_id=image_id,
                    path=path,
                    width=image["width"],
                    height=image["height"],
                    counts=dict(counts[image_id]),
                    crowds=frozenset(crowds[image_id]),
                )
            )
    if not photos:
        raise SystemExit(f"none of the {len(data['images'])} images of {file} lies in {folder}")
    return Annotations(
        file=file,
        photos=photos[:limit] if limit else photos,
        category_ids={name: category_id for category_id, name in names.items()},
    )
