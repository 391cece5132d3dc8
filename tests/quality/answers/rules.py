# SPDX-License-Identifier: Apache-2.0
"""What follows from boxes by rule, without a language model: the mark that answers are held against.

With the true boxes it is what the same facts could give at best, with a detector's what there was to word.
"""

import collections
from collections.abc import Iterable
from typing import Any

from pictures import geometry
from pictures.boxes import Found
from questions.facts import Fact

PRESENT = 0.2  # the best score from which a class counts as there
COUNTED = 0.3  # and that from which an object is counted


def answer(fact: Fact, boxes: Iterable[Found]) -> Any:
    """What `grading.Graded` expects as said; None where the boxes do not tell."""
    by_label: dict[str, list[Found]] = collections.defaultdict(list)
    for box in sorted(boxes, key=lambda box: -box.score):
        if box.score >= PRESENT:
            by_label[box.label].append(box)
    counted = {
        label: [box for box in found if box.score >= COUNTED]
        for label, found in by_label.items()
        if found[0].score >= COUNTED
    }
    if fact.form == "presence":
        return fact.labels[0] in by_label
    if fact.form == "counting":
        return len(counted.get(fact.labels[0], []))
    if fact.form == "list":
        return frozenset(counted)
    if fact.form == "cannot_tell":
        return True
    best = [by_label[label][0].box for label in fact.labels if label in by_label]
    return _of_places(fact, best) if len(best) == len(fact.labels) else None


def _of_places(fact: Fact, boxes: list[geometry.Box]) -> Any:
    match fact.form:
        case "position":
            return geometry.place(boxes[0])
        case "side":
            return "left" if boxes[0].center[0] < 0.5 else "right"
        case "left_of":
            return boxes[0].center[0] < boxes[1].center[0]
        case "above":
            return boxes[0].center[1] < boxes[1].center[1]
        case "leftmost":
            return fact.labels[boxes[0].center[0] > boxes[1].center[0]]
        case "larger":
            return fact.labels[boxes[0].area < boxes[1].area]
    raise ValueError(f"no rule answers the form '{fact.form}'")
