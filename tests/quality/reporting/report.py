# SPDX-License-Identifier: Apache-2.0
"""The measurements as JSON for programs, as Markdown for people, and every answer as a line of JSON for the curious."""

import dataclasses
import json
import pathlib
from typing import Any

from measures.answering import Answered
from reporting import tables


def write(report: dict[str, Any], out: pathlib.Path) -> str:
    """Writes out/report.json and out/report.md; returns the Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    plain = as_json(report)
    (out / "report.json").write_text(json.dumps(plain, indent=2) + "\n")
    text = markdown(plain)
    (out / "report.md").write_text(text)
    return text


def as_json(report: dict[str, Any]) -> dict[str, Any]:
    """The report with plain numbers for its estimates and goals."""

    def plain(thing):
        return thing.as_json() if hasattr(thing, "as_json") else dataclasses.asdict(thing)

    return json.loads(json.dumps(report, default=plain))


def write_answers(answered: dict[str, list[Answered]], general: list[dict], out: pathlib.Path) -> None:
    """out/answers.jsonl: what was asked and said, under which row, and how it was read."""
    with (out / "answers.jsonl").open("w") as file:
        for row, of_row in answered.items():
            for each in of_row:
                fact = each.graded.fact
                line = {
                    "row": row,
                    "image_id": fact.photo.image_id,
                    "form": fact.form,
                    "group": fact.group,
                    "question": each.question.text,
                    "answer": each.text,
                    "expected": fact.expected,
                    "said": each.graded.said,
                    "right": each.graded.right,
                    "conflicts": each.conflicts,
                    "named": [[named.words, [box.label for box in named.boxes]] for named in each.named],
                }
                file.write(json.dumps(line, default=sorted) + "\n")
        for line in general:
            file.write(json.dumps({"row": "general", **line}) + "\n")


def markdown(report: dict[str, Any]) -> str:
    """Every section that `report` has, as a table."""
    model = report["model"]
    parts = [
        "# Quality, measured through the server",
        f"Bundle {model['name']} {model['version']} on {model['device']} ({model['dtype']}), {report['photos']} photos, "
        f"{report['questions']} questions a row, seed {report['seed']}; intervals: 95 %, bootstrap over photos. "
        f"Took {report['seconds'] / 60:.0f} minutes.",
    ]
    sections = (
        ("goals", "Goals", tables.goals),
        ("answers", "Answers", tables.answers),
        ("answers", "Answers, with intervals", lambda of: tables.answers(of, intervals=True)),
        ("boxes", "Boxes", tables.boxes),
        ("boxes", "Boxes, with intervals", lambda of: tables.boxes(of, intervals=True)),
        ("corruptions", "Boxes under corruptions", tables.corruptions),
        ("named_classes", "Guided by the question", tables.named_classes),
        ("agreement", "Agreement", tables.agreement),
        ("wordings", "Held-out wordings", tables.wordings),
        ("general", "Questions that need no picture", tables.general),
        ("latency", "Latency, one request at a time", tables.latency),
    )
    for key, title, section in sections:
        if report.get(key):
            parts += [f"## {title}", section(report)]
    parts += tables.remarks(report)
    return "\n\n".join(parts) + "\n"
