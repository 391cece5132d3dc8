# SPDX-License-Identifier: Apache-2.0
"""The comparison as a picture: ours beside the best of the others. SVG, legible on light and dark pages."""

import dataclasses
from xml.sax.saxutils import escape

from figures import Goal, goals
from tables import number

_WIDTH, _MARGIN, _HEAD = 760, 12, 44
_NAME, _BAR, _GAP = 230, 13, 13
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.small { font-size: 12px; fill: #57606a }
.ours { fill: #0a6ebd }
.other { fill: #b0b8c1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #9198a1 }
  .ours { fill: #4c9fe6 }
  .other { fill: #59636e }
}
"""
# The panels: title, unit, and the goals that belong there by the beginning of their names.
_PANELS = (
    ("Boxes and an answer about a new picture: requests a second", "requests/s", "PerceiveAndAnswer"),
    ("Language model: tokens a second", "tokens/s", ("decode", "prefill")),
    ("Detector: images a second", "images/s", "detector"),
)


@dataclasses.dataclass(frozen=True)
class Bar:
    """A pair of bars."""

    name: str
    ours: float
    other: float
    against: str


def bars_of(lines: list[Goal], unit: str, beginning: str | tuple[str, ...]) -> list[Bar]:
    wanted = [goal for goal in lines if goal.unit == unit and goal.what.startswith(beginning)]
    return [Bar(goal.what.removeprefix("PerceiveAndAnswer, "), goal.ours, goal.other, goal.against) for goal in wanted]


def svg(results: dict) -> str:
    lines = goals(results)
    body, y = [], _MARGIN
    for title, unit, beginning in _PANELS:
        if bars := bars_of(lines, unit, beginning):
            y = _panel(body, y, title, bars)
    y = _legend(body, y)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" role="img">\n'
        f"<title>Speed beside others</title>\n<style>{_STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _panel(body: list[str], y: int, title: str, bars: list[Bar]) -> int:
    body.append(f'<text class="title" x="{_MARGIN}" y="{y + 18}">{escape(title)}</text>')
    y += _HEAD - 12
    room = _WIDTH - _NAME - 190
    most = max(max(bar.ours, bar.other) for bar in bars)
    for bar in bars:
        body.append(f'<text x="{_NAME - 10}" y="{y + _BAR + 4}" text-anchor="end">{escape(bar.name)}</text>')
        for row, (value, kind) in enumerate(((bar.ours, "ours"), (bar.other, "other"))):
            top = y + row * (_BAR + 1)
            length = max(room * value / most, 1)
            label = number(value) if kind == "ours" else f"{number(value)}  {_short(bar.against)}"
            body.append(f'<rect class="{kind}" x="{_NAME}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2"/>')
            body.append(f'<text class="small" x="{_NAME + length + 6:.1f}" y="{top + 11}">{escape(label)}</text>')
        y += 2 * _BAR + _GAP
    return y + 8


def _short(against: str) -> str:
    return against.partition(",")[0]


def _legend(body: list[str], y: int) -> int:
    for x, kind, name in (
        (_NAME, "ours", "this server"),
        (_NAME + 120, "other", "the best of the others, same machine"),
    ):
        body.append(f'<rect class="{kind}" x="{x}" y="{y}" width="12" height="12" rx="2"/>')
        body.append(f'<text class="small" x="{x + 18}" y="{y + 11}">{name}</text>')
    return y + 12 + _MARGIN
