# SPDX-License-Identifier: Apache-2.0
"""The measurements as Markdown."""

import pathlib
import sys

from figures import Goal, goals, median, spread

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "quality"))
from reporting.tables import table  # noqa: E402


def number(value: float) -> str:
    """Three significant digits, whole from 100 on."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def goal_table(lines: list[Goal]) -> str:
    rows = [
        [
            goal.what,
            f"{number(goal.ours)} {goal.unit}",
            f"{number(goal.other)} {goal.unit}",
            goal.against,
            f"{goal.ratio:.2f}",
            f"{'≥' if goal.at_least else '≤'} {goal.limit:g}",
            "yes" if goal.reached else "**no**",
        ]
        for goal in lines
    ]
    return table(["what", "ours", "other", "against", "ratio", "goal", "reached"], rows)


def speed_table(first: str, sides: dict[str, dict[str, list[float]]]) -> str:
    """A row for each setting, a column for each thing measured; median, and the spread of its runs where there are several."""
    columns = list(dict.fromkeys(column for rows in sides.values() for column in rows))

    def cell(values: list[float] | None) -> str:
        if not values:
            return ""
        return number(median(values)) + (f" ± {50 * spread(values):.0f} %" if len(values) > 1 else "")

    return table([first, *columns], [[name, *(cell(rows.get(c)) for c in columns)] for name, rows in sides.items()])


def service_table(service: dict[str, dict[str, list[dict]]]) -> str:
    heads = ["service", "clients", "requests/s", "p50 ms", "p99 ms", "first token p50 ms", "tokens an answer"]
    heads += ["CPU ms a request", "requests", "failed"]
    rows = []
    for side, levels in service.items():
        for clients, runs in levels.items():
            of = {key: median([run[key] for run in runs]) for key in runs[0]}
            rows.append(
                [
                    side,
                    clients,
                    f"{of['requests_per_second']:.2f}",
                    *(f"{of[key]:.0f}" for key in ("p50_ms", "p99_ms", "first_token_p50_ms")),
                    f"{of['answer_tokens']:.1f}",
                    f"{1e3 * of['cpu_seconds_per_request']:.0f}",
                    str(sum(run["requests"] for run in runs)),
                    str(sum(run["failed"] for run in runs)),
                ]
            )
    return table(heads, rows)


def bandwidth_line(language: dict) -> str:
    """What one stream reads of its weights in a second, as a share of what memory gives."""
    memory = median(language["memory_bytes_per_second"])
    parts = []
    for format_, rows in language["tokens_per_second"].items():
        if rows.get("decode 1"):
            read = median(rows["decode 1"]) * language["weight_bytes"][format_]
            parts.append(f"{format_} {100 * read / memory:.0f} %")
    return f"Memory gives {memory / 1e9:.1f} GB/s; one stream reads, as a share of that: {', '.join(parts)}."


def resources_table(resources: dict[str, dict]) -> str:
    rows = [
        [
            side,
            f"{of['start_seconds']:.1f}",
            f"{of['resident_bytes'] / 2**20:.0f}",
            f"{of['peak_resident_bytes'] / 2**20:.0f}",
        ]
        for side, of in resources.items()
    ]
    return table(["service", "start to ready, s", "resident, MiB", "at most, MiB"], rows)


def markdown(report: dict) -> str:
    """Everything that `report` has."""
    machine, results = report["machine"], report["results"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    parts = [
        "# Speed",
        f"{machine['processor']}, {machine['cores']} cores ({machine['extensions']}), {machine['memory']}, {machine['system']}; "
        f"{report['threads']} threads on every side. Medians of {report['rounds']} alternating runs. {versions}.",
    ]
    if lines := goals(results):
        parts += ["## Goals", goal_table(lines)]
    if "service" in results:
        parts += ["## Under load: PerceiveAndAnswer about new pictures", service_table(results["service"])]
    if "resources" in results:
        parts += ["## Start and memory", resources_table(results["resources"])]
    if "language" in results:
        parts += ["## Language model, tokens/s", speed_table("ours", results["language"]["tokens_per_second"])]
        if "memory_bytes_per_second" in results["language"]:
            parts.append(bandwidth_line(results["language"]))
    if "language_peer" in results:
        parts.append(speed_table("llama.cpp", results["language_peer"]["tokens_per_second"]))
    if "detector" in results:
        sides = {"ours": results["detector"]["images_per_second"]}
        sides |= results.get("detector_peer", {}).get("images_per_second", {})
        parts += ["## Detector, images/s by batch", speed_table("runtime", sides)]
    return "\n\n".join(parts) + "\n"
