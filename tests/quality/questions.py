# SPDX-License-Identifier: Apache-2.0
"""Questions with known answers about annotated photos.

Presence is asked the way POPE does (Polling-based Object Probing Evaluation, arXiv 2305.10355): for every photo, up to
`PRESENT_PER_PHOTO` classes that are there, and as many that are not, three times over, picked in three ways:
  random       any absent class,
  popular      the absent classes that most photos of the set show,
  adversarial  the absent classes that most often appear together with what the photo shows.
The same photos and seed always give the same questions.
"""

import collections
import dataclasses
import random

from annotations import Photo

PRESENT_PER_PHOTO = 3
STRATEGIES = ("random", "popular", "adversarial")

_PLURALS = {
    "person": "people",
    "mouse": "mice",
    "sheep": "sheep",
    "knife": "knives",
    "skis": "skis",
    "scissors": "scissors",
    "broccoli": "broccoli",
}


@dataclasses.dataclass(frozen=True)
class PresenceQuestion:
    """`kind` is "present" or one of STRATEGIES; the right answer is yes exactly for "present"."""

    photo: Photo
    label: str
    kind: str

    @property
    def text(self) -> str:
        article = "an" if self.label[0] in "aeiou" else "a"
        return f"Is there {article} {self.label} in the image? Answer yes or no."

    @property
    def expected(self) -> bool:
        return self.kind == "present"


@dataclasses.dataclass(frozen=True)
class CountQuestion:
    """Asks how many objects of a class the photo shows; at least one."""

    photo: Photo
    label: str

    @property
    def text(self) -> str:
        return f"How many {plural(self.label)} are in the image? Answer with a number."

    @property
    def expected(self) -> int:
        return self.photo.counts[self.label]


def plural(label: str) -> str:
    """The plural of a COCO class name: "wine glass" becomes "wine glasses"."""
    first, last = label.rpartition(" ")[0::2]
    if last in _PLURALS:
        last = _PLURALS[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    else:
        last += "s"
    return f"{first} {last}".strip()


def presence_questions(photos: list[Photo], labels: list[str], seed: int) -> list[PresenceQuestion]:
    """For every photo: its present classes (up to the limit), then the absent ones of each strategy, once each.

    An absent class that two strategies pick is asked under both, for each strategy's score stands alone.
    """
    rng = random.Random(seed)
    frequency = collections.Counter(label for photo in photos for label in sorted(photo.present))
    together = _co_occurrence(photos)
    questions = []
    for photo in photos:
        present = sorted(photo.present)
        if not present:
            continue
        asked = rng.sample(present, min(len(present), PRESENT_PER_PHOTO))
        absent = [label for label in labels if label not in photo.present]
        rng.shuffle(absent)  # also breaks the ties of the two rankings below
        near = {label: sum(together[label, other] for other in present) for label in absent}
        picks = {
            "random": absent,
            "popular": sorted(absent, key=lambda label: -frequency[label]),
            "adversarial": sorted(absent, key=lambda label: -near[label]),
        }
        questions += [PresenceQuestion(photo, label, "present") for label in asked]
        for strategy in STRATEGIES:
            questions += [PresenceQuestion(photo, label, strategy) for label in picks[strategy][: len(asked)]]
    return questions


def count_questions(photos: list[Photo]) -> list[CountQuestion]:
    """One for every class a photo shows in numbers that somebody counted."""
    return [
        CountQuestion(photo, label) for photo in photos for label in sorted(photo.counts) if label not in photo.crowds
    ]


def _co_occurrence(photos: list[Photo]) -> collections.Counter:
    """In how many photos two classes appear together, by ordered pair."""
    together: collections.Counter = collections.Counter()
    for photo in photos:
        for one in photo.present:
            for other in photo.present:
                if one != other:
                    together[one, other] += 1
    return together
