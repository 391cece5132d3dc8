# SPDX-License-Identifier: Apache-2.0
"""Facts put as questions, in words chosen by seed."""

import dataclasses
import json
import pathlib
import random

from questions import nouns
from questions.facts import Fact

_HERE = pathlib.Path(__file__).parent


def _read(name: str):
    return json.loads((_HERE / name).read_text())


# By form, what is asked as people usually ask; and what is worded unlike any template that anything was trained on.
ORDINARY: dict[str, list[str]] = _read("ordinary_wordings.json")
HELD_OUT: dict[str, list[str]] = _read("held_out_wordings.json")
CANNOT_TELL: dict[str, list[str]] = _read("cannot_tell.json")
CANNOT_TELL_PER_PHOTO = 2


@dataclasses.dataclass(frozen=True)
class Question:
    """A fact in words."""

    fact: Fact
    text: str


def fill(template: str, labels: tuple[str, ...]) -> str:
    """The template with the classes' names in it, a capital first where the template began with a slot."""
    words = {}
    if labels:
        words |= {"thing": labels[0], "things": nouns.plural(labels[0]), "a_thing": nouns.one(labels[0])}
    if len(labels) > 1:
        words["other"] = labels[1]
    text = template.format(**words)
    return text[0].upper() + text[1:] if template.startswith("{") else text


def ordinary(fact: Fact, seed: int) -> Question:
    """The same fact is always worded alike."""
    rng = random.Random(f"{seed} {fact.photo.image_id} {fact.form} {fact.labels}")
    return Question(fact, fill(rng.choice(ORDINARY[fact.form]), fact.labels))


def held_out(facts: list[Fact], seed: int, rounds: int = 2) -> list[Question]:
    """Every held-out wording, `rounds` times with a fact of its form each; of presence, half are so.

    Where there is no fact of a form, its wordings are left out.
    """
    rng = random.Random(f"held out {seed}")
    questions = []
    for form, templates in HELD_OUT.items():
        of_form = [fact for fact in facts if fact.form == form]
        yes = [fact for fact in of_form if fact.expected is True]
        no = [fact for fact in of_form if fact.expected is not True]
        for index, template in enumerate(templates * rounds):
            pool = (yes if index % 2 and yes else no) or of_form
            if pool:
                fact = rng.choice(pool)
                questions.append(Question(fact, fill(template, fact.labels)))
    return questions


def in_many_wordings(facts: list[Fact], seed: int, count: int, wordings: int = 10) -> list[list[Question]]:
    """`count` facts of presence and of counting, each in `wordings` words, ordinary and held-out ones mixed."""
    rng = random.Random(f"many wordings {seed}")
    sets = []
    for form in ("presence", "counting"):
        of_form = list(dict.fromkeys(fact for fact in facts if fact.form == form))
        templates = ORDINARY[form] + HELD_OUT[form]
        for fact in rng.sample(of_form, min(count // 2, len(of_form))):
            chosen = rng.sample(templates, wordings)
            sets.append([Question(fact, fill(template, fact.labels)) for template in chosen])
    return sets


def cannot_tell(photos: list, seed: int) -> list[Question]:
    """Questions that no picture of the photo's kind answers, a few for every photo."""
    questions = []
    for photo in photos:
        rng = random.Random(f"{seed} {photo.image_id} cannot tell")
        things = sorted(photo.present - {"person"})
        templates = [(template, "") for template in CANNOT_TELL["about_the_photo"]]
        if "person" in photo.present:
            templates += [(template, "") for template in CANNOT_TELL["about_people"]]
        if things:
            templates += [(template, rng.choice(things)) for template in CANNOT_TELL["about_things"]]
        for template, thing in rng.sample(templates, CANNOT_TELL_PER_PHOTO):
            labels = (thing,) if thing else ()
            questions.append(Question(Fact(photo, "cannot_tell", labels, None), fill(template, labels)))
    return questions
