# SPDX-License-Identifier: Apache-2.0
"""Questions in words: the lists themselves, the slots, and the choice by seed."""

import re
import unittest

from questions import facts_test, general, nouns, wordings
from questions.facts import Fact

PARK = facts_test.PARK
FACTS = [
    Fact(PARK, "presence", ("dog",), True, "present"),
    Fact(PARK, "presence", ("apple",), False, "random"),
    Fact(PARK, "counting", ("dog",), 1),
    Fact(PARK, "position", ("dog",), ("", "")),
]


class ListsTest(unittest.TestCase):
    def test_at_least_two_hundred_held_out_wordings_all_different(self):
        every = [template.lower() for templates in wordings.HELD_OUT.values() for template in templates]
        self.assertGreaterEqual(len(every), 200)
        self.assertEqual(len(set(every)), len(every))

    def test_no_held_out_wording_is_an_ordinary_one(self):
        ordinary = {words(template) for templates in wordings.ORDINARY.values() for template in templates}
        held_out = {words(template) for templates in wordings.HELD_OUT.values() for template in templates}
        self.assertEqual(ordinary & held_out, set())

    def test_every_template_of_a_form_names_what_it_asks_about(self):
        for templates in (wordings.ORDINARY, wordings.HELD_OUT):
            for form, of_form in templates.items():
                for template in of_form:
                    self.assertEqual(
                        "{other}" in template, form in ("left_of", "above", "leftmost", "larger"), template
                    )
                    self.assertEqual("{" in template, form != "list", template)

    def test_at_least_fifty_general_questions_with_answers_that_compile(self):
        questions = general.load()
        self.assertGreaterEqual(len({question.text for question in questions}), 50)
        for question in questions:
            self.assertFalse(question.right(""), question.text)

    def test_general_answers_are_read(self):
        by_text = {question.text: question for question in general.load()}
        self.assertTrue(by_text["What is half of sixteen?"].right("Half of sixteen is 8."))
        self.assertFalse(by_text["What is half of sixteen?"].right("Half of sixteen is 88."))
        self.assertTrue(by_text["Do cats lay eggs?"].right("No, they do not."))


class NounsTest(unittest.TestCase):
    def test_plurals_of_awkward_names(self):
        expected = {
            "person": "people",
            "mouse": "mice",
            "wine glass": "wine glasses",
            "bus": "buses",
            "bench": "benches",
            "toothbrush": "toothbrushes",
            "knife": "knives",
            "sheep": "sheep",
            "teddy bear": "teddy bears",
        }
        self.assertEqual({label: nouns.plural(label) for label in expected}, expected)

    def test_article_follows_the_first_letter(self):
        self.assertEqual(
            [nouns.one(label) for label in ("apple", "dog", "skis")], ["an apple", "a dog", "a pair of skis"]
        )

    def test_longer_names_hide_shorter_ones(self):
        labels = ["dog", "hot dog", "bear", "teddy bear", "person"]
        found = [label for _, label in nouns.mentions("two hot dogs, a teddy bear and a woman", labels)]
        self.assertEqual(found, ["hot dog", "teddy bear", "person"])


class QuestionsTest(unittest.TestCase):
    def test_slots_are_filled(self):
        self.assertEqual(wordings.fill("Are there {things}, or {a_thing}?", ("mouse",)), "Are there mice, or a mouse?")
        self.assertEqual(wordings.fill("{thing} or {other}?", ("dog", "car")), "Dog or car?")

    def test_same_fact_and_seed_give_the_same_words(self):
        texts = {wordings.ordinary(FACTS[0], 3).text for _ in range(5)}
        self.assertEqual(len(texts), 1)
        self.assertGreater(len({wordings.ordinary(FACTS[0], seed).text for seed in range(30)}), 1)

    def test_every_held_out_wording_that_has_a_fact_is_asked(self):
        asked = wordings.held_out(FACTS, seed=0, rounds=1)
        forms = ("presence", "counting", "position")
        self.assertEqual(len(asked), sum(len(wordings.HELD_OUT[form]) for form in forms))

    def test_held_out_presence_is_asked_of_both_kinds(self):
        expected = [
            question.fact.expected for question in wordings.held_out(FACTS, 0) if question.fact.form == "presence"
        ]
        self.assertEqual(expected.count(True), expected.count(False))

    def test_many_wordings_of_one_fact_differ(self):
        for questions in wordings.in_many_wordings(FACTS, seed=0, count=4):
            self.assertEqual(len({question.text for question in questions}), 10)
            self.assertEqual(len({question.fact for question in questions}), 1)

    def test_people_are_asked_about_only_where_there_are_any(self):
        road = facts_test.ROAD
        about_people = set(wordings.CANNOT_TELL["about_people"])
        for seed in range(20):
            asked = wordings.cannot_tell([road], seed)
            self.assertEqual(len(asked), wordings.CANNOT_TELL_PER_PHOTO)
            self.assertFalse({question.text for question in asked} & about_people)


def words(template: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", re.sub(r"\{\w+\}", "x", template.lower())))


if __name__ == "__main__":
    unittest.main()
