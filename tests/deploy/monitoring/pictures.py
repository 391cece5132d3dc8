# SPDX-License-Identifier: Apache-2.0
"""What the panels of a dashboard showed, as one picture: laid out as in Grafana, drawn by matplotlib."""

import pathlib
import re
import textwrap

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, MultipleLocator  # noqa: E402

from panels import Panel  # noqa: E402

_CELL_WIDTH, _CELL_HEIGHT = 0.6, 0.36  # inches of one of Grafana's 24 columns, and of a row
_GREY = "#57606a"
_MOST_IN_LEGEND = 8
_MIB = 2**20


def amount(value: float, unit: str) -> str:
    """As Grafana would write it."""
    if unit == "percentunit":
        return f"{_short(100 * value)} %"
    if unit == "bytes":
        return f"{_short(value / _MIB)} MiB"
    if unit == "s":
        return f"{_short(1000 * value)} ms" if abs(value) < 1 else f"{_short(value)} s"
    return _short(value) + ("/s" if unit in ("reqps", "ops") else "")


def _short(value: float) -> str:
    for size, name in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{name}"
    return f"{value:.3g}"


def label(legend: str, labels: dict[str, str]) -> str:
    """The legend with its {{label}} filled in."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend.replace("__auto", ""))


def draw(name: str, panels: list[Panel], seen: dict, began: float, path: pathlib.Path) -> None:
    bottom = max(panel.place["y"] + panel.place["h"] for panel in panels)
    figure = plt.figure(figsize=(24 * _CELL_WIDTH, bottom * _CELL_HEIGHT), facecolor="white")
    figure.suptitle(f"MR-MLLM / {name}", x=0.01, y=0.998, ha="left", va="top", fontsize=12, weight="bold")
    for panel in panels:
        place = panel.place
        axes = figure.add_axes(
            (
                (place["x"] + 1.0) / 24,
                1 - (place["y"] + place["h"] - 1.6) / bottom,
                (place["w"] - 1.4) / 24,
                (place["h"] - 3.0) / bottom,
            )
        )
        axes.set_title(panel.title, loc="left", fontsize=9, weight="bold")
        _DRAW[panel.kind](axes, panel, seen[panel.dashboard, panel.title], began)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _lines(axes, panel: Panel, found: list, began: float) -> None:
    for legend, one in found:
        times, values = zip(*((at - began, value) for at, value in one["values"]), strict=True)
        axes.plot(
            times,
            values,
            linewidth=1.3,
            label=label(legend, one["metric"]) or None,
            marker="." if len(times) == 1 else None,
        )
    top = max((value for _, one in found for _, value in one["values"]), default=0)
    axes.set_ylim(0, 1.35 * top or 1)  # the legend stands above the lines
    if panel.unit == "bytes":
        axes.yaxis.set_major_locator(MultipleLocator(max(1, round(top / _MIB / 5)) * _MIB))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: amount(value, panel.unit)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    axes.tick_params(labelsize=7, colors=_GREY)
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_legend_handles_labels()[0] and len(found) <= _MOST_IN_LEGEND:
        axes.legend(fontsize=6.5, frameon=False, loc="upper left", ncols=2 if len(found) > 3 else 1)


def _number(axes, panel: Panel, found: list, began: float) -> None:
    axes.axis("off")
    text = amount(found[0][1]["values"][-1][1], panel.unit) if found else "no data"
    axes.text(0, 0.3, text, fontsize=20, transform=axes.transAxes)


def _bars(axes, panel: Panel, found: list, began: float) -> None:
    names = [label(legend, one["metric"]) for legend, one in found]
    values = [one["values"][-1][1] for _, one in found]
    bars = axes.barh(names, values)
    axes.bar_label(bars, [amount(value, panel.unit) for value in values], fontsize=8, padding=3)
    axes.tick_params(labelsize=8, colors=_GREY)
    axes.set_xlim(right=1.3 * max(values))
    axes.xaxis.set_visible(False)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _table(axes, panel: Panel, found: list, began: float) -> None:
    axes.axis("off")
    columns = sorted({name for _, one in found for name in one["metric"]})
    rows = [[textwrap.shorten(one["metric"].get(name, ""), 24) for name in columns] for _, one in found]
    table = axes.table(rows, colLabels=columns, loc="upper left", cellLoc="left", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(8)


_DRAW = {"timeseries": _lines, "stat": _number, "bargauge": _bars, "table": _table}
