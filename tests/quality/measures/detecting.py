# SPDX-License-Identifier: Apache-2.0
"""Boxes of every row: of the photos as they are, under corruptions, and with objects in odd places."""

import concurrent.futures
import dataclasses
from collections.abc import Iterable

import cv2
import numpy as np

from measures.answering import IN_FLIGHT, Uploads, salted
from pictures import boxes, composites, corruptions
from pictures.annotations import Annotations, Photo
from pictures.boxes import Found
from questions.facts import Fact
from questions.wordings import fill
from rows import Row
from scores import bootstrap
from scores.bootstrap import Estimate, Resampling
from scores.boxes import BoxScores, true_boxes
from service_client import ServiceClient

ROUNDS = 300  # draws of a mAP: each costs some milliseconds
CORRUPTED_ROUNDS = 100
ODD_FOUND_IOU = 0.5
ODD_FOUND_SCORE = 0.3
GUIDING_QUESTION = "How many {things} are in the image?"


@dataclasses.dataclass(frozen=True)
class Picture:
    """What is sent for a photo."""

    photo: Photo
    content: bytes


Boxes = dict[int, list[Found]]  # by image id


def originals(photos: list[Photo]) -> list[Picture]:
    return [Picture(photo, photo.path.read_bytes()) for photo in photos]


def encoded(photo: Photo, pixels: np.ndarray) -> Picture:
    """Without loss: the corruption is all that is done to it."""
    return Picture(photo, cv2.imencode(".bmp", pixels)[1].tobytes())


def detect(client: ServiceClient, row: Row, pictures: Iterable[Picture]) -> Boxes:
    def one(picture: Picture) -> tuple[int, list[Found]]:
        message = client.detect(salted(picture.content, row.name), row).message
        return picture.photo.image_id, boxes.of_reply(message.images[0])

    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        return dict(pool.map(one, pictures))


def results(found: Boxes, annotations: Annotations) -> list[dict]:
    """In COCO's result format."""
    return [
        result
        for photo in annotations.photos
        if photo.image_id in found
        for result in boxes.coco_results(
            photo.image_id, photo.width, photo.height, found[photo.image_id], annotations.category_ids
        )
    ]


def distinct(found: dict[str, Boxes]) -> dict[str, str]:
    """For every row, the first row with the very same boxes: what need not be measured twice."""
    first: dict[str, str] = {}
    for name, boxes_ in found.items():
        first[name] = next(other for other in found if found[other] == boxes_)
    return first


def corrupted(
    client: ServiceClient, rows: list[Row], annotations: Annotations, resampling: Resampling, seed: int, progress
) -> dict[str, dict[str, Estimate]]:
    """mAP of each row by "kind strength", and "mean" over all: the mean performance under corruption."""
    truth = true_boxes(annotations.truth)
    ids = [photo.image_id for photo in annotations.photos]
    figures: dict[str, dict[str, Estimate]] = {row.name: {} for row in rows}
    for kind in corruptions.KINDS:
        with progress(f"boxes under {kind}", len(rows) * len(ids) * len(corruptions.STRENGTHS)):
            for strength in corruptions.STRENGTHS:
                pictures = [
                    encoded(
                        photo,
                        corruptions.corrupt(cv2.imread(str(photo.path)), kind, strength, f"{seed} {photo.image_id}"),
                    )
                    for photo in annotations.photos
                ]
                for row in rows:
                    scores = BoxScores(truth, ids, results(detect(client, row, pictures), annotations))
                    figures[row.name][f"{kind} {strength}"] = scores.estimates(resampling, CORRUPTED_ROUNDS)[0]
    for by_kind in figures.values():
        by_kind["mean"] = bootstrap.mean(list(by_kind.values()))
    return figures


def odd_places(
    client: ServiceClient,
    rows: list[Row],
    annotations: Annotations,
    made: list[composites.Composite],
    resampling: Resampling,
) -> dict[str, dict[str, Estimate]]:
    """Of each row: `map` on the composites, and `found`: how many of the pasted objects have a sure box of their class."""
    photos = {photo.image_id: photo for photo in annotations.photos}
    pictures = [encoded(photos[composite.image_id], composite.pixels) for composite in made]
    truth = true_boxes(composites.truth(annotations, made))
    figures = {}
    for row in rows:
        found = detect(client, row, pictures)
        scores = BoxScores(truth, [composite.image_id for composite in made], results(found, annotations))
        figures[row.name] = {
            "map": scores.estimates(resampling, ROUNDS)[0],
            "found": resampling.share(
                (composite.image_id, _finds(found[composite.image_id], *composite.pasted)) for composite in made
            ),
        }
    return figures


def guided(client: ServiceClient, row: Row, facts: list[Fact], uploads: Uploads) -> dict[tuple[int, str], list[Found]]:
    """By image id and class: the boxes of the class that each fact names, when a question names it."""

    def one(fact: Fact) -> tuple[tuple[int, str], list[Found]]:
        upload = uploads.of(fact.photo)
        reply = client.perceive_and_answer(upload, fill(GUIDING_QUESTION, fact.labels), row, 1, every_candidate=True)
        found = [box for box in boxes.of_reply(reply.message.images[0]) if box.label == fact.labels[0]]
        return (fact.photo.image_id, fact.labels[0]), found

    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        return dict(pool.map(one, facts))


def of_named_classes(found: Boxes, named: Iterable[tuple[int, str]]) -> Boxes:
    """Of all boxes, those of the classes that were asked about in their photo."""
    wanted = set(named)
    return {image_id: [box for box in boxes_ if (image_id, box.label) in wanted] for image_id, boxes_ in found.items()}


def _finds(found: list[Found], label: str, place) -> bool:
    return any(
        box.label == label and box.score >= ODD_FOUND_SCORE and box.box.iou(place) >= ODD_FOUND_IOU for box in found
    )
