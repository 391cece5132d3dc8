# SPDX-License-Identifier: Apache-2.0
"""What a free answer says. None everywhere: it does not say."""

import re

from questions import nouns

_NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"dozen": 12, "couple": 2, "pair": 2, "single": 1}
_NOTHING = {"no", "none", "nothing", "nobody"}

_YES = re.compile(r"\b(yes|yeah|yep|true|correct|right you are|indeed|certainly|definitely)\b")
_NO = re.compile(r"\b(no|not|none|nope|false|nothing|never|isn't|aren't|don't|doesn't|cannot|can't|without)\b")
# Doubts: they say neither yes nor no, and must not be taken for a no.
_DOUBT = re.compile(
    r"\b(i am|i'm|it is|it's)? ?(not|un)[ -]?(entirely |quite |completely |very )?(sure|certain|clear)\b( (if|whether)\b[^,.;]*)?"
    r"|\bno doubt\b|\bnot only\b|\b(cannot|can't|could not|couldn't) (be|tell|say) (sure|certain|for sure|for certain)\b"
    r"|\bdoubt(ful)?\b"
)
_STATES = re.compile(
    r"\bthere (is|are|may be|might be|could be|seems? to be|appears? to be)\b|\bit (may|might|could) be\b"
    r"|\b(i|we|you) (can |may |might )?(see|spot|find)\b|\b(shows?|contains?|includes?|visible|present|appears?)\b"
)

_HONEST = re.compile(
    r"\b(can't|cannot|can not|could not|couldn't|unable to|impossible to|not possible to|no way to|hard to)"
    r" (be )?(tell|say|told|said|know|known|determine|determined|see|seen|answer|answered|identify|identified|provide"
    r"|infer|inferred|judge|guess|give|read|make out|recogni[sz]e)"
    r"|\b(don't|do not|doesn't|does not|didn't|did not) (know|show|tell|say|reveal|provide|mention|indicate)\b"
    r"|\b(don't|do not|doesn't|does not) (have|contain|give|include) (any |enough |the |that |this |such )*(information|data|details?|access|answer)\b"
    r"|\bnot (known|visible|shown|clear|possible|stated|given|specified|mentioned|provided|sure|certain)\b"
    r"|\bunknown\b|\bno (information|way|idea|clue)\b|\bisn't (shown|visible|known|clear|possible)\b"
)

_LEFT_WORDS, _RIGHT_WORDS = r"left|leftmost|left-hand|lefthand", r"right|rightmost|right-hand|righthand"
_TOP_WORDS, _BOTTOM_WORDS = r"top|upper|uppermost", r"bottom|lower|lowermost"
_MIDDLE_WORDS = r"center|centre|middle|central|centered|centred"


def normalized(answer: str) -> str:
    return re.sub(r"\s+", " ", answer.lower().replace("\u2019", "'")).strip()


def yes_no(answer: str, label: str = "") -> bool | None:
    """The first word that decides counts. A statement is a yes where it names `label`; without a label, where it says that there is something."""
    text = _DOUBT.sub(" ", normalized(answer))
    yes, no = _YES.search(text), _NO.search(text)
    if yes and (not no or yes.start() < no.start()):
        return True
    if no or re.search(r"\bthere (is|are) (0|zero)\b", text):
        return False
    if re.search(nouns.pattern(label), text) if label else _STATES.search(text):
        return True
    return None


def count(answer: str, label: str = "") -> int | None:
    """The number that stands before `label`, else the first one, in digits or words."""
    text = re.sub(r"\bimage \d+\b|\d+ ?%", " ", normalized(answer))
    if label:
        number = r"(\d+|[a-z]+)"
        found = re.search(rf"\b{number}(?: of the| of| more| visible| different)? ?(?:{nouns.pattern(label)})", text)
        if found and (value := _number(found[1])) is not None:
            return value
    for token in re.findall(r"\d+|[a-z']+", text):
        if token not in ("a", "an") and (value := _number(token)) is not None:
            return value
    if re.search(r"\b(isn't|aren't|not any|don't see|do not see)\b", text):
        return 0
    return 1 if re.search(r"\b(there is|i see|shows|only) an? ", text) else None


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    if word in _NOTHING:
        return 0
    return 1 if word in ("a", "an") else _NUMBERS.get(word)


def place(answer: str) -> tuple[str, str] | None:
    """The (column, row) of the first clause that tells a place; "" is the middle one."""
    for clause in re.split(r"[.;:!?\n]| and (?=(?:in|on|at) the)", normalized(answer)):
        column = _first(clause, {"left": _LEFT_WORDS, "right": _RIGHT_WORDS})
        row = _first(clause, {"top": _TOP_WORDS, "bottom": _BOTTOM_WORDS})
        if column or row or re.search(rf"\b({_MIDDLE_WORDS})\b", clause):
            return column or "", row or ""
    return None


def side(answer: str) -> str | None:
    """ "left" or "right", whichever comes first."""
    return _first(normalized(answer), {"left": _LEFT_WORDS, "right": _RIGHT_WORDS})


def relation(answer: str, first: str, second: str, form: str) -> bool | None:
    """Whether the answer says that `first` is left of (or, by `form`, above) `second`."""
    text = normalized(answer)
    said = re.match(r"\W*(yes|no|true|false|correct|incorrect)\b", text)
    if said:
        return said[1] in ("yes", "true", "correct")
    said_order = _order(text, first, second, form)
    if said_order is not None and not re.search(r"\b(not|isn't)\b", text):
        return said_order
    yes, no = _YES.search(text), _NO.search(text)
    return None if not yes and not no else bool(yes and (not no or yes.start() < no.start()))


def _order(text: str, first: str, second: str, form: str) -> bool | None:
    """For "the dog is to the right of the cat": whether `first` comes before `second` in the direction of `form`."""
    named = [label for _, label in nouns.mentions(text, [first, second])]
    words = {
        "left_of": {"before": _LEFT_WORDS, "after": _RIGHT_WORDS},
        "above": {"before": r"above|over|higher|top|upper", "after": r"below|under|beneath|lower|bottom"},
    }[form]
    direction = _first(text, words)
    if not named or direction is None:
        return None
    return (named[0] == first) == (direction == "before")


def which(answer: str, first: str, second: str, form: str) -> str | None:
    """The class that the answer says is further left (or, by `form`, larger)."""
    text = normalized(answer)
    named = [label for _, label in nouns.mentions(text, [first, second])]
    if not named:
        return None
    opposite = {
        "leftmost": {"asked": _LEFT_WORDS, "opposite": _RIGHT_WORDS},
        "larger": {"asked": r"larger|bigger|largest|more|most", "opposite": r"smaller|smallest|less|least"},
    }[form]
    if _first(text, opposite) == "opposite":
        return second if named[0] == first else first
    return named[0]


def listed(answer: str, labels: list[str]) -> frozenset[str]:
    """The classes that the answer names, but for those it says are not there."""
    found = set()
    for clause in re.split(r"[.;!?\n]|, but |\bbut\b", normalized(answer)):
        if not re.search(r"\b(no|not|isn't|aren't|without|nor)\b", _DOUBT.sub(" ", clause)):
            found |= {label for _, label in nouns.mentions(clause, labels)}
    return frozenset(found)


def honest(answer: str) -> bool:
    """The answer says that it cannot be told, in its first two sentences: what comes later is about something else."""
    begin = " ".join(re.split(r"(?<=[.!?]) ", normalized(answer))[:2])
    return _HONEST.search(begin) is not None


def _first(text: str, words: dict[str, str]) -> str | None:
    """The key whose words come first in the text."""
    found = {key: re.search(rf"\b({pattern})\b", text) for key, pattern in words.items()}
    there = {key: match.start() for key, match in found.items() if match}
    return min(there, key=there.get) if there else None
