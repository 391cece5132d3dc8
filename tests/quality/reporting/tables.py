# SPDX-License-Identifier: Apache-2.0
"""The report's tables in Markdown, made of report.json's content alone."""

from typing import Any

MISSING = "–"

_ANSWER_COLUMNS = {
    "presence_random": "presence, random",
    "presence_popular": "popular",
    "presence_adversarial": "adversarial",
    "presence_odd": "odd places",
    "counting_exact": "counting, exact",
    "counting_within_one": "within one",
    "position": "position",
    "relation": "relation",
    "size": "larger",
    "list_f1": "list, F1",
    "cannot_tell": "cannot tell",
    "unclear": "unclear",
}
_ACCURACY_AND_F1 = ("presence_random", "presence_popular", "presence_adversarial")


def answers(report: dict[str, Any], intervals: bool = False) -> str:
    """The ablation of the answers: a row of every setting, then what boxes give by rule. Percent."""
    rows = []
    for name, figures in [*report["answers"].items(), *report.get("rules", {}).items()]:
        cells = []
        for column in _ANSWER_COLUMNS:
            by_rule = name in report.get("rules", {}) and column in ("cannot_tell", "unclear")
            text = MISSING if by_rule else percent(figures.get(column), intervals)
            if column in _ACCURACY_AND_F1:
                text += f" / {percent(figures[column + '_f1'])}"
            cells.append(text)
        rows.append([name, *cells])
    heads = [head + (" / F1" if column in _ACCURACY_AND_F1 else "") for column, head in _ANSWER_COLUMNS.items()]
    return table(["answers, %", *heads], rows)


def boxes(report: dict[str, Any], intervals: bool = False) -> str:
    """The ablation of the boxes, with what each row costs."""
    rows = []
    for name, figures in report["boxes"].items():
        measured = figures["same_as"] or name
        sizes = [percent({"value": figures[key]}) for key in ("map_small", "map_medium", "map_large")]
        corrupted = report.get("corruptions", {}).get(measured, {}).get("mean")
        odd = report.get("odd_places", {}).get(measured, {})
        cost = report.get("latency", {}).get("boxes", {}).get(name)
        rows.append(
            [
                name,
                percent(figures["map"], intervals),
                percent(figures["map50"], intervals),
                *sizes,
                percent(corrupted, intervals),
                percent(odd.get("map"), intervals),
                percent(odd.get("found"), intervals),
                milliseconds(cost),
            ]
        )
    heads = [
        "boxes, %",
        "mAP",
        "mAP@.5",
        "small",
        "medium",
        "large",
        "mAP, corrupted",
        "mAP, odd places",
        "odd objects found",
    ]
    return table([*heads, "Detect"], rows)


def corruptions(report: dict[str, Any]) -> str:
    """mAP by kind and strength, a column for every row that was measured."""
    section = report["corruptions"]
    kinds = list(next(iter(section.values())))
    return table(["mAP, %", *section], [[kind, *(percent(section[row][kind]) for row in section)] for kind in kinds])


def latency(report: dict[str, Any]) -> str:
    rows = [
        [name, *(f"{figures[key]:.0f} ms" for key in ("boxes", "first_token", "whole"))]
        for name, figures in report["latency"]["answers"].items()
    ]
    return table(["PerceiveAndAnswerStream, median, new picture", "boxes", "first token", "whole answer"], rows)


def agreement(report: dict[str, Any], intervals: bool = True) -> str:
    heads = {
        "conflicts": "answers with conflicts",
        "claims": "answers with claims",
        "named_class": "named boxes of the class named",
        "named_true": "named boxes that are right by the annotations",
        "ended": "answers that end by themselves",
    }
    rows = [
        [name, *(percent(figures[key], intervals) for key in heads)] for name, figures in report["agreement"].items()
    ]
    return table(["agreement, %", *heads.values()], rows)


def wordings(report: dict[str, Any]) -> str:
    section = report["wordings"]
    rows = [["all", section], *section["by_form"].items()]
    return table(
        ["right answers, %", "ordinary wording", "held-out wording", "difference"],
        [
            [name, percent(of["ordinary"]), percent(of["held_out"]), points(of["difference"], intervals=True)]
            for name, of in rows
        ],
    )


def named_classes(report: dict[str, Any]) -> str:
    section = report["named_classes"]
    rows = [
        [name, *(percent(section[name][key], intervals=True) for key in ("map", "map50", "counting_exact"))]
        for name in ("first look", "asked")
    ]
    return table(["boxes of the classes that a question names, %", "mAP", "mAP@.5", "counting by rule, exact"], rows)


def general(report: dict[str, Any]) -> str:
    section = report["general"]
    rows = [
        [name, percent(of["right"], intervals=True), points(of["difference"], intervals=True)]
        for name, of in section.items()
        if isinstance(of, dict)
    ]
    return table(["questions that need no picture", "right, %", "above the base model"], rows)


def goals(report: dict[str, Any]) -> str:
    rows = []
    for goal in report["goals"]:
        unit = goal["unit"]
        rows.append(
            [
                goal["what"],
                f"{goal['comparison']} {_in_unit(goal['bound'], unit)}",
                _in_unit(goal["value"], unit),
                MISSING
                if goal.get("low") is None
                else f"{_in_unit(goal['low'], unit)} to {_in_unit(goal['high'], unit)}",
                "yes" if goal["reached"] else "**no**",
            ]
        )
    return table(["goal", "aimed at", "measured", "95 % interval", "reached"], rows)


def remarks(report: dict[str, Any]) -> list[str]:
    """What needs a sentence and no table."""
    parts = []
    if found := report.get("consistency"):
        parts.append(
            f"The same question in {found['wordings']} wordings ({found['facts']} questions): {percent(found['agreeing'], True)} % of "
            f"the answers say what most say, {percent(found['unanimous'], True)} % of the questions are answered alike in all."
        )
    if found := report.get("duplicates"):
        parts.append(
            f"Near-duplicates: of {found['measured_on']} photos measured on and {found['trained_on']} trained on, "
            f"{len(found['near'])} pairs look alike; the closest pair differs in {found['closest']} of 64 bits."
        )
    return parts


def percent(figure: dict | None, intervals: bool = False) -> str:
    """ "91.2", or "91.2 (89.0 to 93.1)"."""
    if not figure or figure["value"] is None or figure["value"] < 0:
        return MISSING
    text = f"{figure['value'] * 100:.1f}"
    if intervals and figure.get("low") is not None:
        text += f" ({figure['low'] * 100:.1f} to {figure['high'] * 100:.1f})"
    return text


def points(figure: dict, intervals: bool = False) -> str:
    """A difference of two percentages: "+2.1"."""
    if figure["value"] is None:
        return MISSING
    text = f"{figure['value'] * 100:+.1f}"
    if intervals and figure.get("low") is not None:
        text += f" ({figure['low'] * 100:+.1f} to {figure['high'] * 100:+.1f})"
    return text


def milliseconds(figure: dict | None) -> str:
    return f"{figure['value']:.0f} ms" if figure and figure["value"] is not None else MISSING


def _in_unit(value: float | None, unit: str) -> str:
    if value is None:
        return MISSING
    match unit:
        case "points":
            return f"{value * 100:+.1f}"
        case "x":
            return f"{value:.2f} x"
        case "ms":
            return f"{value:.0f} ms"
    return f"{value * 100:.1f} %"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns line up when it is read as plain text."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [heads, ["-" * max(width, 3) for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(max(width, 3)) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
