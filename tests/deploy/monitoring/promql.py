# SPDX-License-Identifier: Apache-2.0
"""Which series and labels an expression of PromQL names. Not a parser: enough for the expressions of this project."""

import dataclasses
import re

_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
_MATCHER = re.compile(r'\s*(\w+)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*,?')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"(?<![\w.:$])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_WORDS = {"and", "or", "unless", "by", "on", "bool", "offset", "inf", "nan"}


@dataclasses.dataclass
class References:
    """Metric names with the labels asked of each, and the labels that are grouped or joined by."""

    matched: dict[str, set[str]]
    grouped: set[str]


def references(expression: str) -> References:
    matched: dict[str, set[str]] = {}
    for name, matchers in _SELECTOR.findall(expression):
        matched.setdefault(name, set()).update(label for label, _ in _MATCHER.findall(matchers))
    grouped = {label.strip() for labels in _GROUPING.findall(expression) for label in labels.split(",")} - {""}
    rest = _GROUPING.sub(" ", _RANGE.sub(" ", _SELECTOR.sub(" ", expression)))
    rest = _STRING.sub(" ", rest)
    for name in _NAME.findall(rest):
        if name.lower() not in _WORDS:
            matched.setdefault(name, set())
    return References(matched, grouped)
