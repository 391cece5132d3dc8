# SPDX-License-Identifier: Apache-2.0
"""The figures of the ablation table that come from answers."""

from collections.abc import Iterable

import numpy as np

from answers.grading import Graded
from questions.facts import STRATEGIES
from scores.bootstrap import Estimate, Resampling

# The form of a fact to the column of the table that it counts in.
COLUMN_OF_FORM = {
    "position": "position",
    "side": "position",
    "left_of": "relation",
    "above": "relation",
    "leftmost": "relation",
    "larger": "size",
}


def figures(graded: list[Graded], resampling: Resampling) -> dict[str, Estimate]:
    """By column; unclear answers count as wrong and are a column of their own."""
    result = presence(graded, resampling)
    counts = of_form(graded, "counting")
    result["counting_exact"] = right(counts, resampling)
    result["counting_within_one"] = resampling.share((each.fact.photo.image_id, each.within_one) for each in counts)
    for column in dict.fromkeys(COLUMN_OF_FORM.values()):
        result[column] = right([each for each in graded if COLUMN_OF_FORM.get(each.fact.form) == column], resampling)
    result["list_f1"] = _f1(
        [(each.fact.photo.image_id, each.listed_right) for each in of_form(graded, "list")], resampling
    )
    result["cannot_tell"] = resampling.share(
        (each.fact.photo.image_id, bool(each.said)) for each in of_form(graded, "cannot_tell")
    )
    readable = [each for each in graded if each.fact.form not in ("list", "cannot_tell")]
    result["unclear"] = resampling.share((each.fact.photo.image_id, each.said is None) for each in readable)
    return result


def presence(graded: list[Graded], resampling: Resampling) -> dict[str, Estimate]:
    """Accuracy and F1 of each strategy's balanced questions. An unclear answer is wrong, and counts as "no" for F1."""
    result = {}
    for strategy in STRATEGIES:
        asked = [each for each in of_form(graded, "presence") if each.fact.group in ("present", strategy)]
        result[f"presence_{strategy}"] = right(asked, resampling)
        result[f"presence_{strategy}_f1"] = _f1(
            [(each.fact.photo.image_id, _confusion(each)) for each in asked], resampling
        )
    return result


def right(graded: Iterable[Graded], resampling: Resampling) -> Estimate:
    return resampling.share((each.fact.photo.image_id, each.right) for each in graded)


def of_form(graded: list[Graded], *forms: str) -> list[Graded]:
    return [each for each in graded if each.fact.form in forms]


def _confusion(each: Graded) -> tuple[int, int, int]:
    """True positives, false positives, false negatives of one yes/no answer."""
    yes = each.said is True
    return int(yes and each.fact.expected), int(yes and not each.fact.expected), int(not yes and each.fact.expected)


def _f1(parts: list[tuple], resampling: Resampling) -> Estimate:
    def f1(sums):
        whole = np.asarray(2 * sums[0] + sums[1] + sums[2], float)
        return np.divide(2 * sums[0], whole, out=np.full_like(whole, np.nan), where=whole > 0)

    return resampling.of_sums(parts, 3, f1)
