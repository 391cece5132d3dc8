# SPDX-License-Identifier: Apache-2.0
"""Questions that need no picture: asked of the language model alone, and with a picture that has nothing to do with them."""

import concurrent.futures
from collections.abc import Sequence

from measures.answering import IN_FLIGHT, Uploads
from pictures.annotations import Photo
from questions.general import GeneralQuestion
from rows import Row
from service_client import ServiceClient

MOST_TOKENS = 48


def without_picture(client: ServiceClient, questions: Sequence[GeneralQuestion]) -> list[str]:
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(lambda question: client.ask(question.text, MOST_TOKENS).message.answer, questions))


def with_picture(
    client: ServiceClient, row: Row, questions: Sequence[GeneralQuestion], photos: list[Photo], uploads: Uploads
) -> list[str]:
    """Each question with the next photo."""

    def ask(index: int) -> str:
        upload = uploads.of(photos[index % len(photos)])
        return client.perceive_and_answer(upload, questions[index].text, row, MOST_TOKENS).message.answer

    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(ask, range(len(questions))))
