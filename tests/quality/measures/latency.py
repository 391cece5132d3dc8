# SPDX-License-Identifier: Apache-2.0
"""How long it takes, one request at a time: pictures that the server has never seen, rows in turn."""

import dataclasses

import numpy as np

from measures.answering import salted
from questions.facts import Fact
from questions.wordings import fill
from rows import Row
from scores.bootstrap import Estimate, Resampling
from service_client import ServiceClient

QUESTION = "How many {things} are in the image?"


@dataclasses.dataclass(frozen=True)
class AnswerLatency:
    """Medians over the photos, milliseconds as the caller waits: PerceiveAndAnswerStream."""

    photos: int
    boxes: float
    first_token: float
    whole: float


def of_answers(client: ServiceClient, rows: list[Row], facts: list[Fact]) -> dict[str, AnswerLatency]:
    """By row; `facts` of counting, one a photo, say what is asked."""
    replies: dict[str, list] = {row.name: [] for row in rows}
    for fact in facts:
        for row in rows:
            content = salted(fact.photo.path.read_bytes(), f"latency {row.name}")
            replies[row.name].append(client.stream(content, fill(QUESTION, fact.labels), row))
    return {
        name: AnswerLatency(
            len(of_row),
            *(
                float(np.median([getattr(reply, moment) or reply.wall for reply in of_row])) * 1e3
                for moment in ("boxes_after", "token_after", "wall")
            ),
        )
        for name, of_row in replies.items()
    }


def of_boxes(client: ServiceClient, rows: list[Row], photos: list, resampling: Resampling) -> dict[str, Estimate]:
    """Mean milliseconds of Detect by row."""
    waited: dict[str, list[tuple[int, float, float]]] = {row.name: [] for row in rows}
    for photo in photos:
        for row in rows:
            reply = client.detect(salted(photo.path.read_bytes(), f"cost {row.name}"), row)
            waited[row.name].append((photo.image_id, reply.wall * 1e3, 1.0))
    return {name: resampling.ratio(of_row) for name, of_row in waited.items()}
