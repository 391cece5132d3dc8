# SPDX-License-Identifier: Apache-2.0
"""Whether an answer is right."""

import dataclasses
from typing import Any

from answers import reading
from questions.facts import Fact


@dataclasses.dataclass(frozen=True)
class Graded:
    """What was said about a fact. `said` is None where the answer is unclear, and then it is wrong."""

    fact: Fact
    said: Any

    @property
    def right(self) -> bool:
        return self.said is not None and self.said == self.fact.expected

    @property
    def within_one(self) -> bool:
        """Of counting: at most one off."""
        return self.said is not None and abs(self.said - self.fact.expected) <= 1

    @property
    def listed_right(self) -> tuple[int, int, int]:
        """Of a list: how many classes were named rightly, wrongly, and not at all."""
        said = self.said or frozenset()
        return len(said & self.fact.expected), len(said - self.fact.expected), len(self.fact.expected - said)


def grade(fact: Fact, answer: str, labels: list[str]) -> Graded:
    """Reads the answer as the fact's form asks. `labels`: all classes there are."""
    return Graded(fact, _said(fact, answer, labels))


def _said(fact: Fact, answer: str, labels: list[str]) -> Any:
    match fact.form:
        case "presence":
            return reading.yes_no(answer, fact.labels[0])
        case "counting":
            return reading.count(answer, fact.labels[0])
        case "position":
            return reading.place(answer)
        case "side":
            return reading.side(answer)
        case "left_of" | "above":
            return reading.relation(answer, *fact.labels, fact.form)
        case "leftmost" | "larger":
            return reading.which(answer, *fact.labels, fact.form)
        case "list":
            return reading.listed(answer, labels)
        case "cannot_tell":
            return reading.honest(answer)
    raise ValueError(f"no answers of the form '{fact.form}' are known")
