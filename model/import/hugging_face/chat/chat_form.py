# SPDX-License-Identifier: Apache-2.0
"""The data-only form of a chat template: what stands before and after each turn, found by asking the template itself.

The form is then held against the template on many conversations, so what is imported writes the same characters.
"""

import dataclasses
import itertools

from hugging_face.chat.bounded import OutOfTime, bounded
from hugging_face.chat.jinja_template import JinjaTemplate, TemplateRefused
from hugging_face.refusal import Refusal

_SECONDS, _BYTES = 30, 512 * 1024 * 1024  # of all renderings of a template
_MARK = "qzxmark"  # in no template
_ROLES = ("system", "user", "assistant")
_CONTENTS = (
    "Hello", "", " ", "  two spaces before", "one after ", "\n\nline breaks\n", "\ttab\t", "a  b", "Ünïcödé 日本語 🐄",
    "{{ 7 * 7 }}", "{% raw %}", "<b>&amp;'\"</b>", "[INST] x [/INST]", "There is 1 dog in the image.\nWhat is it?",
)  # fmt: skip


@dataclasses.dataclass
class ChatForm:
    """Texts before and after each role's turns, before an answer, and before a conversation without system turn."""

    prefix: dict
    suffix: dict
    generation_prefix: str
    without_system: str
    trim: bool

    def render(self, turns, generate):
        text = "" if turns and turns[0][0] == "system" else self.without_system
        for role, content in turns:
            text += self.prefix[role] + (content.strip() if self.trim else content) + self.suffix[role]
        return text + (self.generation_prefix if generate else "")

    def config(self):
        """The `chat_template` section of a bundle's config.json; what says nothing is left out."""
        section = {role: {"prefix": self.prefix[role], "suffix": self.suffix[role]} for role in _ROLES}
        section["generation_prefix"] = self.generation_prefix
        if self.without_system:
            section["without_system"] = self.without_system
        if self.trim:
            section["trim"] = True
        return section


def derive(path, text, tokens, special):
    """The form of a Jinja template that sees `tokens` by role. `special` are the tokenizer's special tokens."""
    try:
        with bounded(_SECONDS, _BYTES):
            template = JinjaTemplate(path, text, tokens)
            form = _probe(path, template)
            _compare(path, template, form)
    except OutOfTime as error:
        raise Refusal(path, f"chat_template: {error}") from None
    if not any(token in form.suffix["user"] + form.prefix["assistant"] for token in special):
        raise Refusal(
            path,
            "chat_template: no special token of the tokenizer stands between a user's turn and the answer "
            f"({form.suffix['user'] + form.prefix['assistant']!r}): whoever writes these characters would speak for "
            "the model, so such a template is not imported",
        )
    return form


def conversations():
    """What the service can be asked: system first or not at all, then user and assistant by turns, a user last."""
    for lengths, with_system in itertools.product((1, 3, 5, 7), (False, True)):
        for shift in range(len(_CONTENTS)):
            contents = itertools.islice(itertools.cycle(_CONTENTS), shift, None)
            turns = [("system", next(contents))] if with_system else []
            turns += [(("user", "assistant")[i % 2], next(contents)) for i in range(lengths)]
            yield turns


def _ask(path, template, turns, generate):
    try:
        return template.render(turns, generate)
    except TemplateRefused as refused:
        raise Refusal(
            path, f"chat_template: refuses a conversation of {[role for role, _ in turns]}: {refused}"
        ) from None


def _between(path, template, roles):
    """The texts before, between and after the turns of these roles, their contents being marks."""
    marks = [f"{_MARK}{i}{role}" for i, role in enumerate(roles)]
    rest, texts = _ask(path, template, list(zip(roles, marks, strict=True)), True), []
    for mark in marks:
        before, found, rest = rest.partition(mark)
        if not found or mark in rest:
            raise Refusal(
                path,
                f"chat_template: expected each turn once and in its place; in a conversation of {list(roles)} the text "
                f"of turn {marks.index(mark) + 1} is not",
            )
        texts.append(before)
    return [*texts, rest]


def _probe(path, template):
    asked = ("user", "assistant", "user", "assistant", "user")
    plain = _between(path, template, asked)
    with_system = _between(path, template, ("system", *asked))
    one = _ask(path, template, [("user", _MARK)], False).partition(_MARK)[2]
    two = _ask(path, template, [("user", "u"), ("assistant", _MARK)], False).partition(_MARK)[2]

    # Where the seams lie changes no conversation; what closes a turn that ends one is the best of places.
    user_suffix = one if plain[1].startswith(one) and plain[5].startswith(one) else ""
    assistant_suffix = two if plain[2].startswith(two) else ""
    user_prefix = plain[2][len(assistant_suffix) :]
    if not plain[0].endswith(user_prefix) or not with_system[1].endswith(user_prefix):
        raise Refusal(
            path,
            f"chat_template: expected every user turn to begin with {user_prefix!r}, got {plain[0]!r} without and "
            f"{with_system[1]!r} after a system turn (a system text inside the user's turn is not understood)",
        )
    return ChatForm(
        prefix={"system": with_system[0], "user": user_prefix, "assistant": plain[1][len(user_suffix) :]},
        suffix={
            "system": with_system[1].removesuffix(user_prefix),
            "user": user_suffix,
            "assistant": assistant_suffix,
        },
        generation_prefix=plain[5][len(user_suffix) :],
        without_system=plain[0].removesuffix(user_prefix),
        trim=f"  {_MARK}" not in _ask(path, template, [("user", f"  {_MARK}  ")], False),
    )


def _compare(path, template, form):
    """The form must write what the template writes, before an answer; where it cannot, the first difference is shown."""
    for turns in conversations():
        expected, got = _ask(path, template, turns, True), form.render(turns, True)
        if expected != got:
            at = next((i for i, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
            at = min(len(expected), len(got)) if at is None else at
            begin = max(0, at - 40)
            raise Refusal(
                path,
                f"chat_template: does not fit the form that a bundle can hold; for {turns!r} at character {at} the "
                f"template writes {expected[begin : at + 40]!r}, the form {got[begin : at + 40]!r}",
            )
