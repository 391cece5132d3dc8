# SPDX-License-Identifier: Apache-2.0
"""Reading free answers."""

import unittest

from answers import reading


class YesNoTest(unittest.TestCase):
    def test_plain_words_decide(self):
        self.assertIs(reading.yes_no("Yes, there is a dog."), True)
        self.assertIs(reading.yes_no("No."), False)

    def test_negation_without_no_is_no(self):
        self.assertIs(reading.yes_no("There isn\u2019t a dog in the image."), False)
        self.assertIs(reading.yes_no("I do not see one."), False)
        self.assertIs(reading.yes_no("There are 0 dogs in the image."), False)

    def test_statement_without_yes_is_yes(self):
        self.assertIs(reading.yes_no("There are two dogs."), True)
        self.assertIs(reading.yes_no("A dog lies on the bed.", "dog"), True)

    def test_statement_about_something_else_is_unclear(self):
        self.assertIsNone(reading.yes_no("The image shows 2 teddy bears.", "refrigerator"))
        self.assertIsNone(reading.relation("The image shows 5 chairs.", "dog", "cat", "left_of"))

    def test_first_deciding_word_counts(self):
        self.assertIs(reading.yes_no("Yes, although not a large one."), True)
        self.assertIs(reading.yes_no("No. Yes is wrong."), False)

    def test_doubt_is_not_a_no(self):
        self.assertIs(reading.yes_no("I am not sure, but there may be a dog."), True)
        self.assertIs(reading.yes_no("It is not certain, no dog is clearly visible."), False)
        self.assertIsNone(reading.yes_no("I'm not sure if there is a dog in it."))

    def test_words_that_only_contain_one_do_not_decide(self):
        self.assertIsNone(reading.yes_no("A notable snowy knoll."))


class CountTest(unittest.TestCase):
    def test_digits_and_words_are_numbers(self):
        self.assertEqual(reading.count("There are 12 of them."), 12)
        self.assertEqual(reading.count("Three dogs and 2 cats"), 3)

    def test_number_of_the_class_asked_for_counts(self):
        self.assertEqual(reading.count("Beside the 2 cats there are three dogs.", "dog"), 3)
        self.assertEqual(reading.count("In a picture I see two people.", "person"), 2)

    def test_none_is_zero(self):
        self.assertEqual(reading.count("There are no dogs."), 0)
        self.assertEqual(reading.count("There aren't any."), 0)

    def test_article_is_one_where_no_number_is(self):
        self.assertEqual(reading.count("There is a dog."), 1)

    def test_answer_without_number_is_unclear(self):
        self.assertIsNone(reading.count("Several."))
        self.assertIsNone(reading.count("This is a classic question.", "dog"))


class PlaceTest(unittest.TestCase):
    def test_column_and_row(self):
        self.assertEqual(reading.place("The dog is in the top left corner of the image."), ("left", "top"))
        self.assertEqual(reading.place("It is on the right-hand side."), ("right", ""))
        self.assertEqual(reading.place("At the bottom of the picture."), ("", "bottom"))
        self.assertEqual(reading.place("In the center."), ("", ""))

    def test_first_of_several_counts(self):
        self.assertEqual(reading.place("There are 2 dogs: on the left and in the top right."), ("left", ""))

    def test_no_place_is_unclear(self):
        self.assertIsNone(reading.place("It lies on the bed."))

    def test_side(self):
        self.assertEqual(reading.side("On the right, not on the left."), "right")


class RelationTest(unittest.TestCase):
    def test_yes_and_no(self):
        self.assertIs(reading.relation("Yes, it is.", "dog", "cat", "left_of"), True)
        self.assertIs(reading.relation("No, the dog is on the right.", "dog", "cat", "left_of"), False)

    def test_statements_are_read_in_either_direction(self):
        for text, expected in (
            ("The dog is to the left of the cat.", True),
            ("The dog is to the right of the cat.", False),
            ("The cat is to the right of the dog.", True),
        ):
            self.assertIs(reading.relation(text, "dog", "cat", "left_of"), expected, text)
        self.assertIs(reading.relation("The dog is below the cat.", "dog", "cat", "above"), False)

    def test_which(self):
        self.assertEqual(reading.which("The dog is further left.", "cat", "dog", "leftmost"), "dog")
        self.assertEqual(reading.which("The dog is to the right of the cat.", "dog", "cat", "leftmost"), "cat")
        self.assertEqual(reading.which("The cat is smaller than the dog.", "cat", "dog", "larger"), "dog")
        self.assertIsNone(reading.which("Neither.", "cat", "dog", "larger"))


class ListTest(unittest.TestCase):
    LABELS = ["cat", "dog", "person", "tv"]

    def test_named_classes(self):
        said = reading.listed("The image shows 2 people, a television and one dog.", self.LABELS)
        self.assertEqual(said, {"person", "tv", "dog"})

    def test_what_is_said_not_to_be_there_does_not_count(self):
        self.assertEqual(reading.listed("There is a dog, but no cat. There is not a person.", self.LABELS), {"dog"})


class HonestTest(unittest.TestCase):
    def test_answers_that_say_so(self):
        for text in (
            "That cannot be told from the image.",
            "I can't tell who took this photo.",
            "The image does not show the name.",
            "I don't know.",
            "It is not possible to determine the age.",
            "There is no information about that.",
        ):
            self.assertTrue(reading.honest(text), text)

    def test_made_up_answers_do_not(self):
        for text in (
            "The dog is five years old.",
            "It costs 20 dollars.",
            "No.",
            "There is no dog in the image.",
            "She does not have a dog.",
        ):
            self.assertFalse(reading.honest(text), text)


if __name__ == "__main__":
    unittest.main()
