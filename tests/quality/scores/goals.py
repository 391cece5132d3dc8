# SPDX-License-Identifier: Apache-2.0
"""What was aimed at, and whether it was reached."""

import dataclasses
import operator
from typing import Any

from rows import ALL, BASELINE, FUSION, PROMPT
from scores.bootstrap import Estimate

AT_LEAST, AT_MOST = "≥", "≤"
_COMPARE = {AT_LEAST: operator.ge, AT_MOST: operator.le}


@dataclasses.dataclass(frozen=True)
class Goal:
    """`value` (with its interval where it has one) is to be at least, or at most, `bound`. `unit`: "", "points", "x" or "ms"."""

    what: str
    value: Estimate | float
    comparison: str
    bound: float
    unit: str = ""

    def reached(self) -> bool:
        value = self.value.value if isinstance(self.value, Estimate) else self.value
        return bool(_COMPARE[self.comparison](value, self.bound))

    def as_json(self) -> dict[str, Any]:
        value = self.value.as_json() if isinstance(self.value, Estimate) else {"value": self.value}
        return {
            "what": self.what,
            **value,
            "comparison": self.comparison,
            "bound": self.bound,
            "unit": self.unit,
            "reached": self.reached(),
        }


def judge(report: dict[str, Any]) -> list[Goal]:
    """The goals whose figures `report` has."""
    goals: list[Goal] = []
    for group in (_answers, _wordings, _general, _boxes, _corruptions, _named_classes, _agreement, _latency):
        try:
            goals += group(report)
        except KeyError:  # a part, or a row, that was not measured
            continue
    return goals


def _answers(report) -> list[Goal]:
    all_, baseline = report["answers"][ALL.name], report["answers"][BASELINE.name]
    rules = report["rules"]
    goals = []
    for strategy, bound in (("random", 0.90), ("adversarial", 0.85)):
        column = f"presence_{strategy}"
        goals.append(Goal(f"presence, {strategy}", all_[column], AT_LEAST, bound))
        goals.append(
            Goal(
                f"presence, {strategy}, above the baseline",
                all_[column].minus(baseline[column]),
                AT_LEAST,
                0.20,
                "points",
            )
        )
    counted, by_rule = all_["counting_exact"], rules["rule on the detector's boxes"]["counting_exact"]
    goals.append(
        Goal("counting exact, above the detector's boxes by rule", counted.minus(by_rule), AT_LEAST, 0, "points")
    )
    goals.append(
        Goal("counting exact, above the baseline", counted.minus(baseline["counting_exact"]), AT_LEAST, 0.25, "points")
    )
    for column in ("position", "relation"):
        best = rules["rule on the true boxes"][column]
        goals.append(Goal(f"{column}, of what the true boxes give", all_[column].over(best), AT_LEAST, 0.85))
    return goals


def _wordings(report) -> list[Goal]:
    section = report["wordings"]
    what = f"{section['wordings']} wordings unlike any trained on, above ordinary ones"
    return [Goal(what, section["difference"], AT_LEAST, -0.03, "points")]


def _general(report) -> list[Goal]:
    section = report["general"]
    return [
        Goal(
            f"{section['questions']} questions that need no picture, asked {how}, above the base model",
            section[f"served, {how}"]["difference"],
            AT_LEAST,
            0,
            "points",
        )
        for how in ("without a picture", "with a picture")
    ]


def _boxes(report) -> list[Goal]:
    section = report["boxes"]
    alone = section[BASELINE.name]["map"]
    return [
        Goal("mAP, all on, above the detector alone", section[ALL.name]["map"].minus(alone), AT_LEAST, 0.015, "points"),
        Goal(
            "mAP, query fusion, above the detector alone",
            section[FUSION.name]["map"].minus(alone),
            AT_LEAST,
            0,
            "points",
        ),
    ]


def _corruptions(report) -> list[Goal]:
    section = report["corruptions"]
    same = report["boxes"][ALL.name]["same_as"]
    gain = section[same or ALL.name]["mean"].minus(section[BASELINE.name]["mean"])
    return [Goal("mAP under corruptions, all on, above the detector alone", gain, AT_LEAST, 0.020, "points")]


def _named_classes(report) -> list[Goal]:
    section, answers = report["named_classes"], report["answers"]
    gain = section["asked"]["map"].minus(section["first look"]["map"])
    counting = answers[ALL.name]["counting_exact"].minus(answers[PROMPT.name]["counting_exact"])
    return [
        Goal("mAP of the classes a question names, above the first look", gain, AT_LEAST, 0.04, "points"),
        Goal("counting exact, all on, above the first look's boxes in the prompt", counting, AT_LEAST, 0.04, "points"),
    ]


def _agreement(report) -> list[Goal]:
    section = report["agreement"][ALL.name]
    if not section["claims"].value:  # no claim was looked at, so none was contradicted
        return []
    return [
        Goal("grounding: boxes of the class that the words name", section["named_class"], AT_LEAST, 0.95),
        Goal("answers that contradict the boxes returned with them", section["conflicts"], AT_MOST, 0.02),
    ]


def _latency(report) -> list[Goal]:
    answers, boxes = report["latency"]["answers"][ALL.name], report["latency"]["boxes"]
    return [
        Goal(
            "cost of the boxes, all on, over the detector alone",
            boxes[ALL.name].over(boxes[BASELINE.name]),
            AT_MOST,
            2,
            "x",
        ),
        Goal("first token of an answer, median", answers.first_token, AT_MOST, 500, "ms"),
        Goal("whole answer, median", answers.whole, AT_MOST, 1500, "ms"),
    ]
