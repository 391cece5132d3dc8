# SPDX-License-Identifier: Apache-2.0
"""Whether it matters how a question is worded."""

import collections
from collections.abc import Callable
from typing import Any

from measures.answering import Answered
from questions import wordings
from questions.facts import Fact
from questions.wordings import Question
from scores.bootstrap import Resampling

SETS_OF_MANY = 24

Ask = Callable[[list[Question]], list[Answered]]


def held_out(ask: Ask, facts: list[Fact], resampling: Resampling, seed: int) -> dict[str, Any]:
    """The same facts in held-out and in ordinary words: the share of right answers, in all and by form."""
    unusual = wordings.held_out(facts, seed)
    usual = [wordings.ordinary(question.fact, seed) for question in unusual]
    asked = {"held_out": ask(unusual), "ordinary": ask(usual)}
    result: dict[str, Any] = {
        "wordings": sum(map(len, wordings.HELD_OUT.values())),
        "questions": len(unusual),
        "by_form": {},
    }
    for form in (None, *wordings.HELD_OUT):
        shares = {
            name: resampling.share(
                (each.graded.fact.photo.image_id, each.graded.right)
                for each in answered
                if form in (None, each.graded.fact.form)
            )
            for name, answered in asked.items()
        }
        shares["difference"] = shares["held_out"].minus(shares["ordinary"])
        if form is None:
            result |= shares
        else:
            result["by_form"][form] = shares
    return result


def consistency(ask: Ask, facts: list[Fact], resampling: Resampling, seed: int) -> dict[str, Any]:
    """Of facts asked in ten wordings: how many answers say what most say, and how often all ten say the same."""
    sets = wordings.in_many_wordings(facts, seed, SETS_OF_MANY)
    answered = ask([question for questions in sets for question in questions])
    agreeing, unanimous, start = [], [], 0
    for questions in sets:
        said = [each.graded.said for each in answered[start : start + len(questions)]]
        start += len(questions)
        counts = collections.Counter(answer for answer in said if answer is not None)  # unclear ones agree with none
        most = max(counts.values(), default=0)
        image_id = questions[0].fact.photo.image_id
        agreeing.append((image_id, most, len(said)))
        unanimous.append((image_id, most == len(said)))
    return {
        "facts": len(sets),
        "wordings": len(sets[0]) if sets else 0,
        "agreeing": resampling.ratio(agreeing),
        "unanimous": resampling.share(unanimous),
    }
