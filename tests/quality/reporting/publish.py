# SPDX-License-Identifier: Apache-2.0
"""Puts the tables of a report into README.md and the bundle's model card, between their `quality` marks.

publish.py [build/quality/report.json]
"""

import json
import pathlib
import re
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "quality"))

from reporting import tables  # noqa: E402

FILES = ("README.md", "model/bundles/coco-135m/MODEL_CARD.md")
_BLOCK = re.compile(r"(<!-- quality:begin[^\n]*\n)(.*?)(<!-- quality:end)", re.DOTALL)


def block(report: dict[str, Any]) -> str:
    """What stands between the marks."""
    model = report["model"]
    parts = [
        f"Measured on {report['photos']} photos that nothing was trained on, {report['questions']} questions a row, with bundle "
        f"{model['name']} {model['version']} on {model['device']} ({model['dtype']}); intervals by bootstrap over photos.",
        tables.answers(report),
        tables.boxes(report),
        tables.latency(report),
        tables.goals(report),
        *tables.remarks(report),
    ]
    return "\n\n".join(parts) + "\n"


def published(text: str, report: dict[str, Any], name: str) -> str:
    """`text` with the block in it; `name` is for the complaint that there are no marks."""
    if not _BLOCK.search(text):
        raise SystemExit(f"{name} has no line '<!-- quality:begin' with a '<!-- quality:end' after it")
    return _BLOCK.sub(lambda found: found[1] + block(report) + found[3], text)


def main() -> None:
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/quality/report.json"
    report = json.loads(source.read_text())
    missing = [part for part in ("answers", "boxes", "latency", "goals") if not report.get(part)]
    if missing:
        raise SystemExit(f"{source} is of a partial run: it has no {', '.join(missing)}")
    for name in FILES:
        path = ROOT / name
        path.write_text(published(path.read_text(), report, name))
        print(f"Written: {name}")


if __name__ == "__main__":
    main()
