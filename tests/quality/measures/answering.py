# SPDX-License-Identifier: Apache-2.0
"""Asks questions under a row's settings and keeps what came back."""

import concurrent.futures
import dataclasses

from answers.grading import Graded, grade
from pictures import boxes
from pictures.annotations import Photo
from pictures.boxes import Found
from questions.wordings import Question
from rows import Row
from service_client import ServiceClient, Upload

IN_FLIGHT = 4
# More than a short sentence needs; a rambling answer is read as far as this.
MOST_TOKENS = {"list": 64, "cannot_tell": 48}
MOST_TOKENS_OTHERWISE = 28


@dataclasses.dataclass(frozen=True)
class Named:
    """Words of an answer, and the boxes that the service says they name."""

    words: str
    boxes: tuple[Found, ...]


@dataclasses.dataclass(frozen=True)
class Answered:
    """An answer with all that is said of it. `ended`: by itself, not by the limit of tokens."""

    question: Question
    text: str
    graded: Graded
    ended: bool
    conflicts: tuple[str, ...] = ()
    claims: int = 0
    named: tuple[Named, ...] = ()


class Uploads:
    """Pictures for one row: salted with its name, so that no row is answered from what another left in a cache."""

    def __init__(self, row: Row, contents: dict[int, bytes]):
        """`contents`: encoded pictures by image id."""
        self._of = {image_id: Upload(salted(content, row.name)) for image_id, content in contents.items()}

    @classmethod
    def of_photos(cls, row: Row, photos: list[Photo]) -> "Uploads":
        return cls(row, {photo.image_id: photo.path.read_bytes() for photo in photos})

    def of(self, photo: Photo) -> Upload:
        return self._of[photo.image_id]


def salted(content: bytes, salt: str) -> bytes:
    """The same picture in other bytes: what follows an encoded image's end is not looked at."""
    return content + salt.encode()


def ask_all(
    client: ServiceClient, row: Row, questions: list[Question], uploads: Uploads, labels: list[str]
) -> list[Answered]:
    """The answers in the order of the questions; the same words about the same photo are asked once."""
    once = {(question.fact.photo.image_id, question.text): question for question in questions}

    def ask(question: Question):
        most = MOST_TOKENS.get(question.fact.form, MOST_TOKENS_OTHERWISE)
        if not row.image:
            return client.ask(question.text, most).message
        return client.perceive_and_answer(uploads.of(question.fact.photo), question.text, row, most).message

    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        replies = dict(zip(once, pool.map(ask, once.values()), strict=True))
    return [_answered(question, replies[question.fact.photo.image_id, question.text], labels) for question in questions]


def _answered(question: Question, message, labels: list[str]) -> Answered:
    graded = grade(question.fact, message.answer, labels)
    ended = message.finish_reason == 1  # FINISH_REASON_STOP
    if not hasattr(message, "grounding"):
        return Answered(question, message.answer, graded, ended)
    found = [
        dict(zip((detection.id for detection in image.detections), boxes.of_reply(image), strict=True))
        for image in message.images
    ]
    named = [
        Named(span.text, tuple(found[span.image_index][id_] for id_ in span.detection_ids))
        for span in message.grounding
    ]
    conflicts = tuple(f"{conflict.text}: {conflict.label}" for conflict in message.agreement.conflicts)
    return Answered(question, message.answer, graded, ended, conflicts, message.agreement.claim_count, tuple(named))
