# SPDX-License-Identifier: Apache-2.0
"""What is held out stays held out: nothing that is asked here was trained on.

Looks at the wordings and questions that training examples are made of (model/training/). What is said in the same words, whatever
their order, counts as the same, and so do other names for an image.
"""

import pathlib
import re
import unittest

from questions import general, wordings

_TRAINING = pathlib.Path(__file__).resolve().parents[3] / "model" / "training"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_IMAGE = re.compile(r"\b(picture|photo|photograph|shot|frame|scene|pic)\b")
_FILLERS = {"the", "a", "an", "please"}


def same_words(text: str) -> frozenset[str]:
    """The words that make up a question, slots as one word."""
    slots = re.sub(r"\{\w+\}", "x", text.lower().replace("{img}", "image"))
    return frozenset(re.findall(r"[\w']+", _IMAGE.sub("image", slots))) - _FILLERS


def trained_on() -> dict[frozenset[str], str]:
    """Every text of more than three words in the sources of training, and of the data beside them."""
    texts = {}
    for path in _TRAINING.rglob("*"):
        if path.suffix in (".h", ".cc", ".json", ".jsonl"):
            joined = re.sub(r'"\s*\n\s*"', "", path.read_text())  # a string that goes on in the next line
            texts |= {same_words(text): text for text in _STRING.findall(joined) if len(text.split()) > 3}
    return texts


class HeldOutTest(unittest.TestCase):
    def assert_not_trained_on(self, texts: list[str]):
        trained = trained_on()
        if (_TRAINING / "scenes" / "wordings").is_dir():
            self.assertGreater(len(trained), 100, "where have the training wordings gone?")
        found = [
            f"{text!r} is trained on as {trained[key]!r}" for text in texts if (key := same_words(text)) in trained
        ]
        self.assertEqual(found, [])

    def test_held_out_wordings(self):
        self.assert_not_trained_on([text for of_form in wordings.HELD_OUT.values() for text in of_form])

    def test_general_questions(self):
        self.assert_not_trained_on([question.text for question in general.load()])

    def test_questions_that_cannot_be_answered(self):
        self.assert_not_trained_on([text for of_kind in wordings.CANNOT_TELL.values() for text in of_kind])

    def test_order_fillers_and_names_of_images_make_no_difference(self):
        self.assertEqual(
            same_words("In which photo is the {thing}?"), same_words("{n}: which image is it in, please?") - {"it"}
        )


if __name__ == "__main__":
    unittest.main()
