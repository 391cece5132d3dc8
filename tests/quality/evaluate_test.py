# SPDX-License-Identifier: Apache-2.0
"""The whole measurement against a service that knows every answer where it may: it must score full marks there, and none elsewhere."""

import argparse
import json
import pathlib
import tempfile
import unittest

import contract
import evaluate
import fake_service
import rows
from ablation import Ablation
from pictures import annotations, made_up
from questions import general, wordings
from reporting import publish, report
from service_client import ServiceClient


class EvaluateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.annotations = annotations.load(folder, made_up.write(folder))
        stubs = contract.generate(evaluate.ROOT / "proto", folder / "stubs")
        cls.ablation = Ablation(cls.annotations, list(rows.ROWS), seed=0)
        cls.fake = fake_service.FakeService(stubs.messages, cls.annotations)
        cls.fake.told = cls.told()
        address = cls.enterClassContext(fake_service.serving(cls.fake, stubs))
        client = ServiceClient(address, stubs)
        cls.addClassCleanup(client.close)
        options = argparse.Namespace(only=list(evaluate.PARTS), trained_on=folder)
        evaluate.measure(client, None, cls.ablation, options)
        cls.report = cls.ablation.report
        cls.text = report.write(cls.report, folder / "out")
        report.write_answers(cls.ablation.answered, cls.ablation.general_texts, folder / "out")
        cls.written = json.loads((folder / "out" / "report.json").read_text())
        cls.lines = [json.loads(line) for line in (folder / "out" / "answers.jsonl").read_text().splitlines()]

    @classmethod
    def told(cls):
        """Every fact under all its wordings."""
        told = {(q.fact.photo.image_id, q.text): q.fact for q in cls.ablation.questions}
        for fact in cls.ablation.facts:
            for template in wordings.ORDINARY.get(fact.form, []) + wordings.HELD_OUT.get(fact.form, []):
                told[fact.photo.image_id, wordings.fill(template, fact.labels)] = fact
        return told

    def value(self, *path):
        found = self.written
        for key in path:
            found = found[key]
        return found["value"]

    def test_perfect_boxes_have_full_precision(self):
        self.assertAlmostEqual(self.value("boxes", "baseline", "map"), 1.0)
        self.assertEqual(self.written["boxes"]["all"]["boxes"], 6)

    def test_rows_with_the_same_boxes_are_measured_once(self):
        self.assertEqual(self.written["boxes"]["all"]["same_as"], "baseline")
        self.assertEqual(list(self.written["corruptions"]), ["baseline"])

    def test_boxes_of_pictures_it_does_not_know_are_none(self):
        self.assertEqual(self.value("corruptions", "baseline", "mean"), 0.0)
        self.assertEqual(self.value("odd_places", "baseline", "found"), 0.0)

    def test_right_answers_have_full_marks(self):
        for column, figure in self.written["answers"]["all"].items():
            if column != "presence_odd":  # the service does not know composites
                self.assertEqual(figure["value"], 0.0 if column == "unclear" else 1.0, column)
        self.assertEqual(self.value("answers", "all", "presence_odd"), 0.5)

    def test_always_no_is_right_about_the_absent_half(self):
        baseline = self.written["answers"]["baseline"]
        self.assertEqual(baseline["presence_random"]["value"], 0.5)
        self.assertEqual(baseline["presence_random_f1"]["value"], 0.0)
        self.assertEqual(baseline["position"]["value"], 0.0)

    def test_true_boxes_know_everything_by_rule(self):
        self.assertEqual(self.value("rules", "rule on the true boxes", "position"), 1.0)

    def test_wordings_and_consistency_are_of_all_wordings(self):
        self.assertEqual(self.value("wordings", "held_out"), 1.0)
        self.assertEqual(self.value("wordings", "difference"), 0.0)
        self.assertEqual(self.value("consistency", "unanimous"), 1.0)

    def test_agreement_is_that_of_the_replies(self):
        self.assertEqual(self.value("agreement", "all", "conflicts"), 0.0)
        self.assertEqual(self.value("agreement", "all", "named_true"), 1.0)
        self.assertEqual(self.value("agreement", "baseline", "conflicts"), 1.0)

    def test_general_questions_are_compared_with_the_base_model(self):
        right = self.value("general", "base model", "right")
        self.assertAlmostEqual(right, 1 / self.written["general"]["questions"])  # it says Stockholm to everything
        self.assertEqual(self.value("general", "served, without a picture", "difference"), 0.0)
        self.assertEqual(self.value("general", "served, with a picture", "right"), self.no_is_right())

    def no_is_right(self) -> float:
        questions = general.load()
        return sum(question.right("No.") for question in questions) / len(questions)

    def test_photos_compared_with_themselves_are_near_duplicates(self):
        self.assertEqual(len(self.written["duplicates"]["near"]), len(made_up.OBJECTS))

    def test_goals_are_judged(self):
        reached = {goal["what"]: goal["reached"] for goal in self.written["goals"]}
        self.assertTrue(reached["presence, random"])
        self.assertFalse(reached["mAP, all on, above the detector alone"])
        self.assertEqual(len(reached), 21)

    def test_every_answer_is_written(self):
        of_all = [line for line in self.lines if line["row"] == "all"]
        self.assertEqual(len(of_all), len(self.ablation.questions))
        self.assertTrue(all(line["right"] or line["form"] == "cannot_tell" for line in of_all))

    def test_report_is_published_between_the_marks(self):
        text = "before\n<!-- quality:begin: made by x -->\nold\n<!-- quality:end -->\nafter\n"
        published = publish.published(text, self.written, "README.md")
        self.assertIn("| second look only ", published)
        self.assertNotIn("old", published)
        self.assertTrue(published.startswith("before\n<!-- quality:begin: made by x -->\n"))
        self.assertEqual(published, publish.published(published, self.written, "README.md"))
        with self.assertRaisesRegex(SystemExit, "README.md has no line"):
            publish.published("nothing", self.written, "README.md")

    def test_places_to_publish_have_their_marks(self):
        for name in publish.FILES:
            publish.published((publish.ROOT / name).read_text(), self.written, name)


if __name__ == "__main__":
    unittest.main()
