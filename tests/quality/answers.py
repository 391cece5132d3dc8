# SPDX-License-Identifier: Apache-2.0
"""What a free answer says, and how right a list of them is."""

import dataclasses
import re

_NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_NUMBERS |= {"no": 0, "none": 0, "a": 1, "an": 1, "single": 1}
_YES = re.compile(r"\b(yes|yeah|yep)\b")
_NO = re.compile(r"\b(no|not|none|nope|isn't|aren't|don't|doesn't|cannot|can't)\b")


def read_yes_no(answer: str) -> bool | None:
    """True for yes, False for no, None where the answer says neither. The first word that decides counts."""
    text = answer.lower().replace("\u2019", "'")
    yes, no = _YES.search(text), _NO.search(text)
    if yes and (not no or yes.start() < no.start()):
        return True
    if no:
        return False
    if re.match(r"\s*there (is|are)\b", text):
        return True
    return None


def read_count(answer: str) -> int | None:
    """The first number of the answer, in digits or words; None where there is none."""
    for token in re.findall(r"\d+|[a-z]+", answer.lower()):
        if token.isdigit():
            return int(token)
        if token in _NUMBERS:
            return _NUMBERS[token]
    return None


@dataclasses.dataclass(frozen=True)
class PresenceScore:
    """Of yes/no questions. An unclear answer is wrong, and counts as "no" for precision and recall."""

    questions: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    yes_rate: float
    unclear: int


def score_presence(pairs: list[tuple[bool, bool | None]]) -> PresenceScore:
    """Scores (expected, said) pairs."""
    right = sum(expected == said for expected, said in pairs)
    said_yes = sum(said is True for _, said in pairs)
    expected_yes = sum(expected for expected, _ in pairs)
    true_yes = sum(expected and said is True for expected, said in pairs)
    precision = _ratio(true_yes, said_yes)
    recall = _ratio(true_yes, expected_yes)
    return PresenceScore(
        questions=len(pairs),
        accuracy=_ratio(right, len(pairs)),
        precision=precision,
        recall=recall,
        f1=_ratio(2 * precision * recall, precision + recall),
        yes_rate=_ratio(said_yes, len(pairs)),
        unclear=sum(said is None for _, said in pairs),
    )


@dataclasses.dataclass(frozen=True)
class CountScore:
    """Of counting questions. An unclear answer is wrong."""

    questions: int
    exact: float
    within_one: float
    unclear: int


def score_counts(pairs: list[tuple[int, int | None]]) -> CountScore:
    """Scores (expected, said) pairs."""
    return CountScore(
        questions=len(pairs),
        exact=_ratio(sum(expected == said for expected, said in pairs), len(pairs)),
        within_one=_ratio(sum(said is not None and abs(expected - said) <= 1 for expected, said in pairs), len(pairs)),
        unclear=sum(said is None for _, said in pairs),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
