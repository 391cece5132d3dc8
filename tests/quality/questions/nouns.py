# SPDX-License-Identifier: Apache-2.0
"""The names of COCO's classes in sentences, and the classes that a sentence names."""

import re

_PLURALS = {
    "person": "people",
    "mouse": "mice",
    "sheep": "sheep",
    "knife": "knives",
    "skis": "skis",
    "scissors": "scissors",
    "broccoli": "broccoli",
}
_ONE = {"skis": "a pair of skis", "scissors": "a pair of scissors", "broccoli": "a piece of broccoli"}

# Words that an answer may use instead. Narrower words too: who says "woman" has said that there is a person.
_SYNONYMS = {
    "person": "persons man men woman women boy girl child children kid kids human humans lady guy baby player rider",
    "bicycle": "bike bikes",
    "car": "cars automobile taxi",
    "motorcycle": "motorbike motorbikes scooter",
    "airplane": "plane planes aeroplane aircraft jet airplanes",
    "boat": "ship ships sailboat canoe",
    "traffic light": "stoplight",
    "fire hydrant": "hydrant",
    "cat": "kitten kittens",
    "dog": "puppy puppies",
    "sheep": "lamb lambs",
    "cow": "cattle bull calf",
    "backpack": "rucksack",
    "handbag": "purse",
    "tie": "necktie",
    "skis": "ski",
    "tennis racket": "racket racquet",
    "sports ball": "ball balls football basketball baseball",
    "wine glass": "wineglass",
    "cup": "mug mugs",
    "couch": "sofa sofas",
    "donut": "doughnut doughnuts",
    "potted plant": "plant plants houseplant",
    "dining table": "table tables",
    "tv": "television televisions",
    "cell phone": "phone phones cellphone smartphone",
    "refrigerator": "fridge",
    "hair drier": "hairdryer",
    "remote": "remotes",
}


def plural(label: str) -> str:
    """The plural of a class name: "wine glass" becomes "wine glasses"."""
    first, last = label.rpartition(" ")[0::2]
    if last in _PLURALS:
        last = _PLURALS[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    else:
        last += "s"
    return f"{first} {last}".strip()


def one(label: str) -> str:
    """The class name with its article: "an apple", "a pair of skis"."""
    return _ONE.get(label) or f"{'an' if label[0] in 'aeiou' else 'a'} {label}"


def forms(label: str) -> list[str]:
    """Every word or words that name an object of the class, longest first."""
    words = {label, plural(label), *_SYNONYMS.get(label, "").split()}
    return sorted(words, key=lambda word: (-len(word), word))


def pattern(label: str) -> str:
    """A regular expression that finds one of `forms`."""
    return r"\b(?:" + "|".join(re.escape(form) for form in forms(label)) + r")\b"


def mentions(text: str, labels: list[str]) -> list[tuple[int, str]]:
    """Where a lower-case text names which class, in the order of the text. "hot dog" names no dog."""
    named = {form: label for label in labels for form in forms(label)}
    longest_first = sorted(named, key=lambda form: (-len(form), form))
    finder = re.compile(r"\b(" + "|".join(map(re.escape, longest_first)) + r")\b")
    return [(found.start(), named[found[1]]) for found in finder.finditer(text)]
