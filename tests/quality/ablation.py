# SPDX-License-Identifier: Apache-2.0
"""The measurement, part by part. Each part adds its section to `report`; goals are judged when all are there."""

import dataclasses
import pathlib
import random
from typing import Any

import progress
from answers import grading, rules
from measures import agreement, answering, chat, detecting, latency, wordings
from measures.answering import Answered, Uploads
from pictures import boxes, composites, duplicates
from pictures.annotations import Annotations, Object
from questions import facts, general
from questions.wordings import Question, cannot_tell, ordinary
from rows import ALL, BASELINE, BOX_ROWS, PROMPT, Row
from scores import answers as answer_scores
from scores.bootstrap import Resampling
from scores.boxes import BoxScores, true_boxes
from service_client import ServiceClient

LATENCY_PHOTOS = 12
COST_PHOTOS = 32


class Ablation:
    """Of one set of photos. `rows`: those that are measured."""

    def __init__(self, annotations: Annotations, rows: list[Row], seed: int):
        self.annotations = annotations
        self.photos = annotations.photos
        self.labels = sorted(annotations.category_ids)
        self.rows = rows
        self.seed = seed
        self.resampling = Resampling([photo.image_id for photo in self.photos], seed=seed)
        self.facts = [
            *facts.presence(self.photos, self.labels, seed),
            *facts.counting(self.photos),
            *facts.position(self.photos),
            *facts.relation(self.photos, seed),
            *facts.size(self.photos, seed),
            *facts.listing(self.photos),
        ]
        self.composites = composites.make(annotations, seed)
        self.questions = [ordinary(fact, seed) for fact in self.facts] + cannot_tell(self.photos, seed)
        self.first_look: detecting.Boxes = {}
        self.final_boxes: detecting.Boxes = {}
        self.answered: dict[str, list[Answered]] = {}
        self.general_texts: list[dict[str, str]] = []
        self.report: dict[str, Any] = {"photos": len(self.photos), "seed": seed, "questions": len(self.questions)}

    def boxes(self, client: ServiceClient) -> None:
        """Of the photos as they are; rows with the very same boxes are found, and measured no further."""
        pictures = detecting.originals(self.photos)
        found = {}
        for row in self._box_rows():
            with progress.step(f"boxes, {row.name}", len(pictures)):
                found[row.name] = detecting.detect(client, row, pictures)
        truth = true_boxes(self.annotations.truth)
        section = self.report["boxes"] = {}
        for name, first in detecting.distinct(found).items():
            scores = BoxScores(truth, self.resampling.units, detecting.results(found[name], self.annotations))
            precision, precision50 = scores.estimates(self.resampling, detecting.ROUNDS)
            section[name] = {
                **dataclasses.asdict(scores.score()),
                "map": precision,
                "map50": precision50,
                "same_as": first if first != name else None,
            }
        self.first_look, self.final_boxes = found[BASELINE.name], found.get(ALL.name, found[BASELINE.name])

    def corrupted_boxes(self, client: ServiceClient) -> None:
        rows = self._distinct_box_rows()
        self.report["corruptions"] = detecting.corrupted(
            client, rows, self.annotations, self.resampling, self.seed, progress.step
        )

    def odd_places(self, client: ServiceClient) -> None:
        rows = self._distinct_box_rows()
        with progress.step("boxes of composites", len(rows) * len(self.composites)):
            self.report["odd_places"] = detecting.odd_places(
                client, rows, self.annotations, self.composites, self.resampling
            )

    def odd_answers(self, client: ServiceClient) -> None:
        """Whether what was pasted is there, and something that is not: a column more of `answers`."""
        photos = {photo.image_id: photo for photo in self.photos}
        asked, contents = [], {}
        for composite in self.composites:
            photo = photos[composite.image_id]
            contents[photo.image_id] = detecting.encoded(photo, composite.pixels).content
            shown = dataclasses.replace(photo, objects=(*photo.objects, Object(*composite.pasted)))
            asked += [ordinary(fact, self.seed) for fact in facts.one_there_one_not(shown, self.labels, self.seed)]
        for row in (row for row in self.rows if row in (BASELINE, PROMPT, ALL)):
            with progress.step(f"answers about composites, {row.name}", len(asked)):
                answered = answering.ask_all(client, row, asked, Uploads(row, contents), self.labels)
            self.answered[f"{row.name}, odd places"] = answered
            self.report["answers"][row.name]["presence_odd"] = answer_scores.right(
                [each.graded for each in answered], self.resampling
            )

    def named_classes(self, client: ServiceClient) -> None:
        """The boxes of the classes that a question names, against the same classes' boxes of the first look."""
        counting = [fact for fact in self.facts if fact.form == "counting"]
        uploads = Uploads.of_photos(ALL, self.photos)
        with progress.step("boxes of what a question names", len(counting)):
            by_question = detecting.guided(client, ALL, counting, uploads)
        guided = {photo.image_id: [] for photo in self.photos}
        for (image_id, _), found in by_question.items():
            guided[image_id] += found
        truth = true_boxes(self.annotations.truth)
        section = self.report["named_classes"] = {"questions": len(counting)}
        for name, found in (
            ("first look", detecting.of_named_classes(self.first_look, by_question)),
            ("asked", guided),
        ):
            scores = BoxScores(truth, self.resampling.units, detecting.results(found, self.annotations))
            precision, precision50 = scores.estimates(self.resampling, detecting.ROUNDS)
            counted = [grading.Graded(fact, rules.answer(fact, found[fact.photo.image_id])) for fact in counting]
            section[name] = {
                "map": precision,
                "map50": precision50,
                "counting_exact": answer_scores.right(counted, self.resampling),
            }

    def answers(self, client: ServiceClient, rows: list[Row]) -> None:
        """Every question under every one of `rows`."""
        section = self.report.setdefault("answers", {})
        for row in rows:
            with progress.step(f"answers, {row.name}", len(self.questions)):
                answered = answering.ask_all(
                    client, row, self.questions, Uploads.of_photos(row, self.photos), self.labels
                )
            self.answered[row.name] = answered
            section[row.name] = answer_scores.figures([each.graded for each in answered], self.resampling)
            if row.image:
                self.report.setdefault("agreement", {})[row.name] = agreement.figures(
                    answered, self.labels, self.resampling
                )

    def rules(self) -> None:
        """What boxes alone give by rule; needs `boxes`."""
        section = self.report["rules"] = {}
        for name, found in (
            ("rule on the detector's boxes", self.first_look),
            ("rule on the final boxes", self.final_boxes),
            ("rule on the true boxes", {photo.image_id: boxes.of_photo(photo) for photo in self.photos}),
        ):
            graded = [grading.Graded(fact, rules.answer(fact, found[fact.photo.image_id])) for fact in self.facts]
            section[name] = answer_scores.figures(graded, self.resampling)

    def wordings(self, client: ServiceClient) -> None:
        uploads = Uploads.of_photos(ALL, self.photos)

        def ask(questions: list[Question]) -> list[Answered]:
            with progress.step("questions in other words", len(questions)):
                answered = answering.ask_all(client, ALL, questions, uploads, self.labels)
            self.answered.setdefault("all, other wordings", []).extend(answered)
            return answered

        self.report["wordings"] = wordings.held_out(ask, self.facts, self.resampling, self.seed)
        self.report["consistency"] = wordings.consistency(ask, self.facts, self.resampling, self.seed)

    def general(self, client: ServiceClient, base: ServiceClient | None) -> None:
        """`base` serves the language model without adapters; None where the bundle has none, and `client` is that."""
        questions = general.load()
        with progress.step("questions that need no picture", 2 * len(questions)):
            texts = {
                "base model": chat.without_picture(base or client, questions),
                "served, without a picture": chat.without_picture(client, questions),
                "served, with a picture": chat.with_picture(
                    client, ALL, questions, self.photos, Uploads.of_photos(ALL, self.photos)
                ),
            }
        resampling = Resampling(range(len(questions)), seed=self.seed)
        shares = {
            name: resampling.share(
                (index, question.right(text)) for index, (question, text) in enumerate(zip(questions, of, strict=True))
            )
            for name, of in texts.items()
        }
        base_share = shares["base model"]
        self.report["general"] = {
            "questions": len(questions),
            **{name: {"right": share, "difference": share.minus(base_share)} for name, share in shares.items()},
        }
        self.general_texts = [
            {"question": question.text, **{name: of[index] for name, of in texts.items()}}
            for index, question in enumerate(questions)
        ]

    def latency(self, client: ServiceClient) -> None:
        chosen = {fact.photo.image_id: fact for fact in self.facts if fact.form == "counting"}
        few = random.Random(self.seed).sample(list(chosen.values()), min(LATENCY_PHOTOS, len(chosen)))
        rows = [row for row in self.rows if row.image and row.adapters]
        with progress.step("latency of answers", len(few) * len(rows)):
            of_answers = latency.of_answers(client, rows, few)
        rows = self._box_rows()
        few_photos = self.photos[:COST_PHOTOS]
        with progress.step("latency of boxes", len(few_photos) * len(rows)):
            of_boxes = latency.of_boxes(client, rows, few_photos, self.resampling)
        self.report["latency"] = {"answers": of_answers, "boxes": of_boxes}

    def duplicates(self, trained_on: pathlib.Path) -> None:
        with progress.step("near-duplicates of training photos", len(self.photos)):
            self.report["duplicates"] = duplicates.compare(trained_on, [photo.path for photo in self.photos])

    def _box_rows(self) -> list[Row]:
        return [row for row in BOX_ROWS if row in self.rows or row == BASELINE]

    def _distinct_box_rows(self) -> list[Row]:
        section = self.report["boxes"]
        return [row for row in self._box_rows() if section[row.name]["same_as"] is None]
