# SPDX-License-Identifier: Apache-2.0
"""The measurements as JSON for programs and as Markdown tables for people."""

import dataclasses
import json
import pathlib
from typing import Any


def write(report: dict[str, Any], out: pathlib.Path) -> str:
    """Writes out/report.json and out/report.md; returns the Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    plain = json.loads(json.dumps(report, default=dataclasses.asdict))
    (out / "report.json").write_text(json.dumps(plain, indent=2) + "\n")
    text = markdown(plain)
    (out / "report.md").write_text(text)
    return text


def markdown(report: dict[str, Any]) -> str:
    """Every section that `report` has, as a table."""
    model = report["model"]
    parts = [
        "# Quality, measured through the server",
        f"Bundle {model['name']} {model['version']} on {model['device']} ({model['dtype']}), {report['photos']} photos, "
        f"seed {report['seed']}.",
    ]
    if "detection" in report:
        parts += ["## Boxes (Detect)", _detection_table(report["detection"])]
    if "presence" in report:
        parts += ["## Presence (Ask): is there a ... in the image?", _presence_table(report["presence"])]
    if "counting" in report:
        parts += ["## Counting (Ask): how many ... are in the image?", _counting_table(report["counting"])]
    for name, stages in report.get("latency", {}).items():
        parts += [f"## Latency of {name}, one request at a time, milliseconds", _latency_table(stages)]
    return "\n\n".join(parts) + "\n"


def _detection_table(scores: dict[str, dict]) -> str:
    columns = ("map", "map50", "map75", "map_small", "map_medium", "map_large")
    heads = ["", "boxes", "mAP@[.5:.95]", "mAP@.5", "mAP@.75", "small", "medium", "large"]
    rows = [
        [name, str(score["boxes"]), *[f"{score[column]:.3f}" for column in columns]] for name, score in scores.items()
    ]
    return table(heads, rows)


def _presence_table(scores: dict[str, dict[str, dict]]) -> str:
    heads = ["perception", "absences", "questions", "accuracy", "precision", "recall", "F1", "yes rate", "unclear"]
    rows = []
    for perception, by_strategy in scores.items():
        for strategy, score in by_strategy.items():
            ratios = [f"{score[key]:.3f}" for key in ("accuracy", "precision", "recall", "f1", "yes_rate")]
            rows.append([perception, strategy, str(score["questions"]), *ratios, str(score["unclear"])])
    return table(heads, rows)


def _counting_table(scores: dict[str, dict]) -> str:
    rows = [
        [name, str(score["questions"]), f"{score['exact']:.3f}", f"{score['within_one']:.3f}", str(score["unclear"])]
        for name, score in scores.items()
    ]
    return table(["perception", "questions", "exact", "within one", "unclear"], rows)


def _latency_table(stages: dict[str, dict]) -> str:
    rows = [
        [name, str(stage["replies"]), f"{stage['median']:.1f}", f"{stage['p95']:.1f}", f"{stage['highest']:.1f}"]
        for name, stage in stages.items()
    ]
    return table(["stage", "replies", "median", "p95", "highest"], rows)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns line up when it is read as plain text."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [heads, ["-" * max(width, 3) for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(max(width, 3)) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
