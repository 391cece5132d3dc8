# SPDX-License-Identifier: Apache-2.0
"""Questions that need no picture, and what a right answer to them says."""

import dataclasses
import json
import pathlib
import re


@dataclasses.dataclass(frozen=True)
class GeneralQuestion:
    """`answer`: a regular expression that is found in every right answer, in lower case."""

    text: str
    answer: str

    def right(self, answer: str) -> bool:
        return re.search(self.answer, answer.lower()) is not None


def load() -> list[GeneralQuestion]:
    entries = json.loads((pathlib.Path(__file__).parent / "general.json").read_text())
    return [GeneralQuestion(text, answer) for text, answer in entries]
