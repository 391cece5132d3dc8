# SPDX-License-Identifier: Apache-2.0
"""The dashboards' JSON as Grafana would read it: panels and their expressions, variables filled in."""

import dataclasses
import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "deploy/grafana/dashboards"


@dataclasses.dataclass(frozen=True)
class Panel:
    dashboard: str
    title: str
    kind: str
    unit: str
    place: dict
    targets: list[tuple[str, str]]  # expression and legend

    @property
    def expressions(self) -> list[str]:
        return [expression for expression, _ in self.targets]

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.title}"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def of(dashboard: str, rate_interval: str = "5m") -> list[Panel]:
    """The panels of one dashboard, in reading order; every variable is "All"."""
    document = json.loads((FOLDER / f"{dashboard}.json").read_text())
    filled = {"$__rate_interval": rate_interval} | {
        f"${variable['name']}": variable["allValue"]
        for variable in document["templating"]["list"]
        if "allValue" in variable
    }
    return [
        Panel(
            dashboard,
            panel["title"],
            panel["type"],
            panel["fieldConfig"]["defaults"]["unit"],
            panel["gridPos"],
            [(_fill(target["expr"], filled), target["legendFormat"]) for target in panel["targets"]],
        )
        for panel in document["panels"]
        if panel["type"] != "row"
    ]


def all_panels() -> list[Panel]:
    return [panel for name in names() for panel in of(name)]


def _fill(expression: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        expression = expression.replace(name, value)
    if "$" in expression:
        raise ValueError(f"an unknown variable in {expression}")
    return expression
