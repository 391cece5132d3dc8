# SPDX-License-Identifier: Apache-2.0
"""The question builder: balanced, repeatable, and with the right answers."""

import pathlib
import unittest

import questions
from annotations import Photo

LABELS = ["apple", "bicycle", "car", "dog", "elephant", "fork", "person"]


def photo(image_id: int, crowds: tuple[str, ...] = (), **counts: int) -> Photo:
    return Photo(image_id, pathlib.Path("none.jpg"), 640, 480, counts, frozenset(crowds))


STREET = photo(1, person=3, car=2)
PARK = photo(2, person=1, dog=1)
ROAD = photo(3, car=4, bicycle=1)


class PresenceQuestionsTest(unittest.TestCase):
    def setUp(self):
        self.questions = questions.presence_questions([STREET, PARK, ROAD], LABELS, seed=7)

    def kinds(self, photo_, kind):
        return [q.label for q in self.questions if q.photo is photo_ and q.kind == kind]

    def test_ask_as_many_absent_as_present_for_every_strategy(self):
        for photo_ in (STREET, PARK, ROAD):
            for strategy in questions.STRATEGIES:
                self.assertEqual(len(self.kinds(photo_, strategy)), len(self.kinds(photo_, "present")))

    def test_expect_yes_exactly_for_what_the_photo_shows(self):
        for question in self.questions:
            self.assertEqual(question.expected, question.label in question.photo.present)

    def test_same_seed_gives_the_same_questions(self):
        again = questions.presence_questions([STREET, PARK, ROAD], LABELS, seed=7)
        self.assertEqual(self.questions, again)

    def test_popular_absences_are_those_most_photos_show(self):
        self.assertEqual(self.kinds(PARK, "popular")[0], "car")

    def test_adversarial_absences_appear_with_what_the_photo_shows(self):
        # A dog appears with a person in the park, a bicycle with a car on the road; nothing else appears with either.
        self.assertEqual(set(self.kinds(STREET, "adversarial")), {"dog", "bicycle"})

    def test_never_ask_more_than_the_limit_of_one_photo(self):
        crowded = photo(9, apple=1, bicycle=1, car=1, dog=1, fork=1)
        asked = questions.presence_questions([crowded], LABELS, seed=0)
        self.assertEqual(sum(q.kind == "present" for q in asked), questions.PRESENT_PER_PHOTO)

    def test_photo_without_objects_is_not_asked_about(self):
        self.assertEqual(questions.presence_questions([photo(5)], LABELS, seed=0), [])

    def test_crowd_counts_as_present(self):
        asked = questions.presence_questions([photo(6, crowds=("person",))], LABELS, seed=0)
        self.assertEqual([q.label for q in asked if q.kind == "present"], ["person"])

    def test_article_follows_the_first_letter(self):
        self.assertIn("an apple", questions.PresenceQuestion(STREET, "apple", "random").text)
        self.assertIn("a dog", questions.PresenceQuestion(STREET, "dog", "random").text)


class CountQuestionsTest(unittest.TestCase):
    def test_every_counted_class_is_asked_once(self):
        asked = questions.count_questions([STREET])
        self.assertEqual({q.label: q.expected for q in asked}, {"person": 3, "car": 2})

    def test_crowds_are_not_counted(self):
        asked = questions.count_questions([photo(4, crowds=("person",), person=2, dog=1)])
        self.assertEqual([q.label for q in asked], ["dog"])

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
        self.assertEqual({label: questions.plural(label) for label in expected}, expected)


if __name__ == "__main__":
    unittest.main()
