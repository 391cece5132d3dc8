# SPDX-License-Identifier: Apache-2.0
"""Facts: balanced, repeatable, true, and none where the annotations leave doubt."""

import pathlib
import unittest

from pictures.annotations import Object, Photo
from pictures.geometry import Box
from questions import facts

LABELS = ["apple", "bicycle", "car", "dog", "elephant", "fork", "person"]
SMALL = Box(0.4, 0.4, 0.6, 0.6)


def photo(image_id: int, *objects: Object) -> Photo:
    return Photo(image_id, pathlib.Path("none.jpg"), 640, 480, objects)


def several(**counts: int) -> list[Object]:
    return [Object(label, SMALL) for label, count in counts.items() for _ in range(count)]


def crowd(label: str) -> Object:
    return Object(label, SMALL, crowd=True)


STREET = photo(1, *several(person=3, car=2))
PARK = photo(2, *several(person=1, dog=1))
ROAD = photo(3, *several(car=4, bicycle=1))


class PresenceTest(unittest.TestCase):
    def setUp(self):
        self.facts = facts.presence([STREET, PARK, ROAD], LABELS, seed=7)

    def labels(self, photo_, group):
        return [fact.labels[0] for fact in self.facts if fact.photo is photo_ and fact.group == group]

    def test_as_many_absent_as_present_for_every_strategy(self):
        for photo_ in (STREET, PARK, ROAD):
            for strategy in facts.STRATEGIES:
                self.assertEqual(len(self.labels(photo_, strategy)), len(self.labels(photo_, "present")))

    def test_true_exactly_for_what_the_photo_shows(self):
        for fact in self.facts:
            self.assertEqual(fact.expected, fact.labels[0] in fact.photo.present)

    def test_same_seed_gives_the_same_facts(self):
        self.assertEqual(self.facts, facts.presence([STREET, PARK, ROAD], LABELS, seed=7))

    def test_popular_absences_are_those_most_photos_show(self):
        self.assertEqual(self.labels(PARK, "popular")[0], "car")

    def test_adversarial_absences_appear_with_what_the_photo_shows(self):
        # A dog appears with a person in the park, a bicycle with a car on the road; nothing else appears with either.
        self.assertEqual(set(self.labels(STREET, "adversarial")), {"dog", "bicycle"})

    def test_never_more_than_the_limit_of_one_photo(self):
        crowded = photo(9, *several(apple=1, bicycle=1, car=1, dog=1, fork=1))
        made = facts.presence([crowded], LABELS, seed=0)
        self.assertEqual(sum(fact.expected for fact in made), facts.PRESENT_PER_PHOTO)

    def test_photo_without_objects_has_none(self):
        self.assertEqual(facts.presence([photo(5)], LABELS, seed=0), [])

    def test_crowd_counts_as_present(self):
        made = facts.presence([photo(6, crowd("person"))], LABELS, seed=0)
        self.assertEqual([fact.labels for fact in made if fact.expected], [("person",)])

    def test_last_object_is_there_and_another_class_is_not(self):
        there, absent = facts.one_there_one_not(PARK, LABELS, seed=0)
        self.assertEqual((there.labels, there.expected), (("dog",), True))
        self.assertNotIn(absent.labels[0], PARK.present)
        self.assertFalse(absent.expected)


class CountingTest(unittest.TestCase):
    def test_every_counted_class_once(self):
        self.assertEqual({fact.labels[0]: fact.expected for fact in facts.counting([STREET])}, {"person": 3, "car": 2})

    def test_crowds_are_not_counted(self):
        made = facts.counting([photo(4, crowd("person"), *several(person=2, dog=1))])
        self.assertEqual([fact.labels[0] for fact in made], ["dog"])


class PlacesTest(unittest.TestCase):
    # A dog at the top left, a large car at the bottom right; what lies exactly in the middle is on neither side.
    PHOTO = photo(
        1,
        Object("dog", Box(0.05, 0.05, 0.25, 0.25)),
        Object("car", Box(0.5, 0.6, 1.0, 1.0)),
        Object("person", SMALL),
        Object("person", SMALL),
    )

    def test_only_single_objects_have_a_place(self):
        made = {(fact.form, fact.labels[0]): fact.expected for fact in facts.position([self.PHOTO])}
        self.assertEqual(
            made,
            {
                ("position", "dog"): ("left", "top"),
                ("side", "dog"): "left",
                ("position", "car"): ("right", "bottom"),
                ("side", "car"): "right",
            },
        )

    def test_nobody_is_asked_about_what_lies_on_a_border(self):
        border = photo(2, Object("dog", Box(0.23, 0.4, 0.43, 0.6)))  # its center is at a third
        self.assertEqual([fact.form for fact in facts.position([border])], ["side"])

    def test_relations_hold_in_the_order_of_their_labels(self):
        for seed in range(8):
            made = {fact.form: fact for fact in facts.relation([self.PHOTO], seed)}
            dog_first = made["left_of"].labels == ("dog", "car")
            self.assertEqual(made["left_of"].expected, dog_first)
            self.assertEqual(made["above"].expected, dog_first)
            self.assertEqual(made["leftmost"].expected, "dog")

    def test_larger_is_the_one_that_fills_more(self):
        self.assertEqual([fact.expected for fact in facts.size([self.PHOTO], seed=0)], ["car"])

    def test_sizes_that_are_close_are_not_compared(self):
        close = photo(3, Object("dog", Box(0, 0, 0.3, 0.3)), Object("car", Box(0.5, 0.5, 0.85, 0.85)))
        self.assertEqual(facts.size([close], seed=0), [])

    def test_list_is_everything_annotated(self):
        self.assertEqual(facts.listing([self.PHOTO])[0].expected, {"dog", "car", "person"})


if __name__ == "__main__":
    unittest.main()
