# SPDX-License-Identifier: Apache-2.0
"""How far answers and the boxes returned with them agree, and whether what an answer names is what its boxes show."""

from measures.answering import Answered
from pictures import boxes
from questions import nouns
from scores.bootstrap import Estimate, Resampling

_SAME = 0.5  # IoU from which a box shows an annotated object


def figures(answered: list[Answered], labels: list[str], resampling: Resampling) -> dict[str, Estimate]:
    """`conflicts`: answers that contradict their boxes; `named_class`: boxes whose class the words name; `named_true`: boxes that
    show, by the annotations, an object of their class; `claims`: answers that claim anything; `ended`: that end by themselves.
    """
    named = [(each, words, box) for each in answered for words in each.named for box in words.boxes]
    return {
        "conflicts": resampling.share((each.question.fact.photo.image_id, bool(each.conflicts)) for each in answered),
        "claims": resampling.share((each.question.fact.photo.image_id, each.claims > 0) for each in answered),
        "named_class": resampling.share(
            (each.question.fact.photo.image_id, names(words.words, box.label, labels)) for each, words, box in named
        ),
        "named_true": resampling.share(
            (each.question.fact.photo.image_id, _true(box, each.question.fact.photo)) for each, _, box in named
        ),
        "ended": resampling.share((each.question.fact.photo.image_id, each.ended) for each in answered),
    }


def names(words: str, label: str, labels: list[str]) -> bool:
    """The words name the class, or none at all ("animals", "a golden retriever": then it is not for us to say)."""
    said = {other for _, other in nouns.mentions(words.lower(), labels)}
    return not said or label in said


def _true(box: boxes.Found, photo) -> bool:
    return any(object_.label == box.label and object_.box.iou(box.box) >= _SAME for object_ in photo.objects)
