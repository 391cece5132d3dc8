# SPDX-License-Identifier: Apache-2.0
"""What boxes give by rule, and how answers are graded."""

import unittest

from answers import grading, rules
from pictures import boxes
from pictures.boxes import Found
from pictures.geometry import Box
from questions import facts, facts_test
from questions.facts import Fact

PHOTO = facts_test.PlacesTest.PHOTO
LABELS = facts_test.LABELS


def every_fact() -> list[Fact]:
    photos = [PHOTO]
    return [
        *facts.presence(photos, LABELS, 0),
        *facts.counting(photos),
        *facts.position(photos),
        *facts.relation(photos, 0),
        *facts.size(photos, 0),
        *facts.listing(photos),
    ]


class RulesTest(unittest.TestCase):
    def test_true_boxes_answer_everything(self):
        for fact in every_fact():
            self.assertTrue(grading.Graded(fact, rules.answer(fact, boxes.of_photo(PHOTO))).right, fact)

    def test_no_boxes_leave_places_untold(self):
        for fact in every_fact():
            said = rules.answer(fact, [])
            self.assertEqual(said is None, fact.form not in ("presence", "counting", "list"), fact)

    def test_unsure_boxes_are_there_and_not_counted(self):
        unsure = [Found("dog", Box(0, 0, 0.1, 0.1), 0.25)]
        self.assertTrue(rules.answer(Fact(PHOTO, "presence", ("dog",), True), unsure))
        self.assertEqual(rules.answer(Fact(PHOTO, "counting", ("dog",), 1), unsure), 0)

    def test_best_box_tells_the_place(self):
        two = [Found("dog", Box(0.8, 0.4, 1, 0.6), 0.5), Found("dog", Box(0, 0.4, 0.2, 0.6), 0.9)]
        self.assertEqual(rules.answer(Fact(PHOTO, "position", ("dog",), None), two), ("left", ""))


class GradingTest(unittest.TestCase):
    def test_right_answers_to_every_form(self):
        answers = {
            "presence": lambda fact: "Yes." if fact.expected else "No.",
            "counting": lambda fact: f"There are {fact.expected}.",
            "position": lambda fact: f"In the {' '.join(fact.expected[::-1]).strip() or 'center'}.",
            "side": lambda fact: f"On the {fact.expected}.",
            "left_of": lambda fact: "Yes." if fact.expected else "No.",
            "above": lambda fact: "Yes." if fact.expected else "No.",
            "leftmost": lambda fact: f"The {fact.expected}.",
            "larger": lambda fact: f"The {fact.expected} is larger.",
            "list": lambda fact: "There are " + ", ".join(sorted(fact.expected)),
        }
        for fact in every_fact():
            text = answers[fact.form](fact)
            self.assertTrue(grading.grade(fact, text, LABELS).right, (fact, text))

    def test_unclear_is_wrong(self):
        graded = grading.grade(Fact(PHOTO, "presence", ("dog",), False), "Hm.", LABELS)
        self.assertEqual((graded.said, graded.right), (None, False))

    def test_within_one(self):
        said = [grading.Graded(Fact(PHOTO, "counting", ("dog",), 3), number) for number in (2, 3, 5, None)]
        self.assertEqual([each.within_one for each in said], [True, True, False, False])

    def test_lists_are_counted_by_class(self):
        graded = grading.Graded(Fact(PHOTO, "list", (), frozenset({"dog", "car"})), frozenset({"dog", "fork"}))
        self.assertEqual(graded.listed_right, (1, 1, 1))

    def test_unknown_form_is_refused(self):
        with self.assertRaisesRegex(ValueError, "taste"):
            grading.grade(Fact(PHOTO, "taste", (), None), "Sweet.", LABELS)


if __name__ == "__main__":
    unittest.main()
