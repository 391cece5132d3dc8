# SPDX-License-Identifier: Apache-2.0
"""What is true of a photo and can be asked about.

Presence is asked the way POPE does (Polling-based Object Probing Evaluation, arXiv 2305.10355): for every photo, up to
`PRESENT_PER_PHOTO` classes that are there, and as many that are not, three times over, picked in three ways:
  random       any absent class,
  popular      the absent classes that most photos of the set show,
  adversarial  the absent classes that most often appear together with what the photo shows.
Everything else is asked only where the annotations leave no doubt: of two objects of one class nobody asks where "it" is,
and what lies within `margins` of a border is not asked about. The same photos and seed always give the same facts.
"""

import collections
import dataclasses
import itertools
import random
from typing import Any

from pictures import geometry
from pictures.annotations import Object, Photo

PRESENT_PER_PHOTO = 3
STRATEGIES = ("random", "popular", "adversarial")
PAIRS_PER_PHOTO = 3
SMALLEST_AREA = 0.005  # of the picture: smaller things are not asked where they are
PLACE_MARGIN = 0.03
SIDE_MARGIN = 0.1
PAIR_MARGIN = 0.15
AREA_RATIO = 2.0


@dataclasses.dataclass(frozen=True)
class Fact:
    """A thing that is so. `form` says how it can be asked, and what `expected` is:

    | form | labels | expected |
    | presence | one | True or False |
    | counting | one | how many |
    | position | one | (column, row) as geometry.place gives it |
    | side | one | "left" or "right" |
    | left_of, above | two | whether the first is left of, or above, the second |
    | leftmost, larger | two | the label of the one that is |
    | list | none | all labels |
    | cannot_tell | none | None |

    `group`: of presence, "present" or the strategy.
    """

    photo: Photo
    form: str
    labels: tuple[str, ...]
    expected: Any
    group: str = ""


def presence(photos: list[Photo], labels: list[str], seed: int) -> list[Fact]:
    """For every photo: its present classes (up to the limit), then the absent ones of each strategy, once each.

    An absent class that two strategies pick is there under both, for each strategy's score stands alone.
    """
    rng = random.Random(seed)
    frequency = collections.Counter(label for photo in photos for label in sorted(photo.present))
    together = _co_occurrence(photos)
    facts = []
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
        facts += [Fact(photo, "presence", (label,), True, "present") for label in asked]
        for strategy in STRATEGIES:
            facts += [Fact(photo, "presence", (label,), False, strategy) for label in picks[strategy][: len(asked)]]
    return facts


def one_there_one_not(photo: Photo, labels: list[str], seed: int) -> list[Fact]:
    """That the photo's last object is there, and that a class by chance is not."""
    absent = random.Random(f"{seed} {photo.image_id}").choice([label for label in labels if label not in photo.present])
    return [
        Fact(photo, "presence", (photo.objects[-1].label,), True, "present"),
        Fact(photo, "presence", (absent,), False, "random"),
    ]


def counting(photos: list[Photo]) -> list[Fact]:
    """One for every class a photo shows in numbers that somebody counted."""
    return [
        Fact(photo, "counting", (label,), count)
        for photo in photos
        for label, count in sorted(photo.counts.items())
        if label not in photo.crowds
    ]


def position(photos: list[Photo]) -> list[Fact]:
    """Where the only object of a class is: which ninth of the picture, and which half where that is clear."""
    facts = []
    for photo in photos:
        for single in _placeable(photo):
            if geometry.clearly_in_place(single.box, PLACE_MARGIN):
                facts.append(Fact(photo, "position", (single.label,), geometry.place(single.box)))
            x = single.box.center[0]
            if abs(x - 0.5) >= SIDE_MARGIN:
                facts.append(Fact(photo, "side", (single.label,), "left" if x < 0.5 else "right"))
    return facts


def relation(photos: list[Photo], seed: int) -> list[Fact]:
    """Which of two is left of, or above, the other; as many that are so as are not, but for chance."""
    rng = random.Random(f"relation {seed}")
    facts = []
    for photo in photos:
        for one, other in _pairs(photo, rng):
            dx = other.box.center[0] - one.box.center[0]
            dy = other.box.center[1] - one.box.center[1]
            labels = (one.label, other.label)
            if abs(dx) >= PAIR_MARGIN:
                facts.append(Fact(photo, "left_of", labels, dx > 0))
                facts.append(Fact(photo, "leftmost", labels, labels[dx < 0]))
            if abs(dy) >= PAIR_MARGIN:
                facts.append(Fact(photo, "above", labels, dy > 0))
    return facts


def size(photos: list[Photo], seed: int) -> list[Fact]:
    """Which of two fills more of the picture."""
    rng = random.Random(f"size {seed}")
    facts = []
    for photo in photos:
        for one, other in _pairs(photo, rng):
            small, large = sorted((one, other), key=lambda each: each.box.area)
            if large.box.area >= AREA_RATIO * small.box.area:
                facts.append(Fact(photo, "larger", (one.label, other.label), large.label))
    return facts


def listing(photos: list[Photo]) -> list[Fact]:
    return [Fact(photo, "list", (), photo.present) for photo in photos if photo.present]


def _placeable(photo: Photo) -> list[Object]:
    return [single for single in photo.singles() if single.box.area >= SMALLEST_AREA]


def _pairs(photo: Photo, rng: random.Random) -> list[tuple[Object, Object]]:
    """Up to PAIRS_PER_PHOTO pairs of single objects, each pair in an order by chance."""
    pairs = list(itertools.combinations(_placeable(photo), 2))
    chosen = rng.sample(pairs, min(len(pairs), PAIRS_PER_PHOTO))
    return [pair if rng.random() < 0.5 else pair[::-1] for pair in chosen]


def _co_occurrence(photos: list[Photo]) -> collections.Counter:
    """In how many photos two classes appear together, by ordered pair."""
    together: collections.Counter = collections.Counter()
    for photo in photos:
        for pair in itertools.permutations(photo.present, 2):
            together[pair] += 1
    return together
