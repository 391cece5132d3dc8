# SPDX-License-Identifier: Apache-2.0
"""Reading free answers, and the scores made of them."""

import unittest

import answers


class ReadYesNoTest(unittest.TestCase):
    def test_plain_words_decide(self):
        self.assertIs(answers.read_yes_no("Yes, there is a dog."), True)
        self.assertIs(answers.read_yes_no("No."), False)

    def test_negation_without_no_is_no(self):
        self.assertIs(answers.read_yes_no("There isn\u2019t a dog in the image."), False)
        self.assertIs(answers.read_yes_no("I do not see one."), False)

    def test_statement_without_yes_is_yes(self):
        self.assertIs(answers.read_yes_no("There are two dogs."), True)

    def test_first_deciding_word_counts(self):
        self.assertIs(answers.read_yes_no("Yes, although not a large one."), True)
        self.assertIs(answers.read_yes_no("No. Yes is wrong."), False)

    def test_words_that_only_contain_one_do_not_decide(self):
        self.assertIsNone(answers.read_yes_no("A notable snowy knoll."))


class ReadCountTest(unittest.TestCase):
    def test_digits_and_words_are_numbers(self):
        self.assertEqual(answers.read_count("There are 12 of them."), 12)
        self.assertEqual(answers.read_count("Three dogs and 2 cats"), 3)

    def test_none_is_zero(self):
        self.assertEqual(answers.read_count("There are no dogs."), 0)

    def test_answer_without_number_is_unclear(self):
        self.assertIsNone(answers.read_count("Several."))


class ScoreTest(unittest.TestCase):
    def test_presence_of_a_known_list(self):
        pairs = [(True, True), (True, False), (False, False), (False, True), (False, None)]
        score = answers.score_presence(pairs)
        self.assertAlmostEqual(score.accuracy, 2 / 5)
        self.assertAlmostEqual(score.precision, 1 / 2)
        self.assertAlmostEqual(score.recall, 1 / 2)
        self.assertAlmostEqual(score.f1, 1 / 2)
        self.assertAlmostEqual(score.yes_rate, 2 / 5)
        self.assertEqual(score.unclear, 1)

    def test_nothing_said_yes_has_no_precision(self):
        self.assertEqual(answers.score_presence([(True, False)]).f1, 0.0)

    def test_counts_of_a_known_list(self):
        score = answers.score_counts([(2, 2), (3, 4), (5, 1), (1, None)])
        self.assertEqual((score.exact, score.within_one, score.unclear), (0.25, 0.5, 1))


if __name__ == "__main__":
    unittest.main()
