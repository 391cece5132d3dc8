# SPDX-License-Identifier: Apache-2.0
"""Writes the names of the xkcd color survey that end in a basic color term and hold no other, one a line: term, sRGB, name.

  python3 generate_color_survey.py

matplotlib carries the survey's 949 most frequent names. The survey is in the public domain (CC0).
"""

import importlib.metadata

import matplotlib.colors

import golden_file

_TERMS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")


def lines():
    for key, rgb in sorted(matplotlib.colors.XKCD_COLORS.items()):
        name = key.removeprefix("xkcd:")
        words = name.replace("gray", "grey").split()
        terms = [word for word in words if word in _TERMS]
        if len(terms) == 1 and words[-1] in _TERMS:
            yield f"{terms[0]} {rgb.removeprefix('#')} {name}"


def main():
    path = golden_file.DATA / "color_survey.txt"
    version = importlib.metadata.version("matplotlib")
    made_by = f"# xkcd color survey (Randall Munroe, 2010, CC0) by way of matplotlib {version}: term, sRGB, name"
    path.write_text("\n".join([made_by, *lines()]) + "\n")


if __name__ == "__main__":
    main()
