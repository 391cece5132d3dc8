# SPDX-License-Identifier: Apache-2.0
"""From a Jinja template to its form, by asking the template itself.

The form is then held against the template on many conversations, so what is imported writes the same characters.
"""

import itertools

from hugging_face.chat.bounded import OutOfTime, bounded
from hugging_face.chat.chat_form import ROLES, ChatForm
from hugging_face.chat.jinja_template import JinjaTemplate, TemplateRefused
from hugging_face.refusal import Refusal

_SECONDS, _BYTES = 30, 512 * 1024 * 1024  # of all renderings of a template
_MARK = "qzxmark"  # in no template
_CONTENTS = (
    "Hello", "", " ", "  two spaces before", "one after ", "\n\nline breaks\n", "\ttab\t", "a  b", "Ünïcödé 日本語 🐄",
    "{{ 7 * 7 }}", "{% raw %}", "<b>&amp;'\"</b>", "[INST] x [/INST]", "There is 1 dog in the image.\nWhat is it?",
)  # fmt: skip
_ASKED = ("user", "assistant", "user", "assistant", "user")


def derive(path, text, tokens, special, plain_turns=False):
    """The form of a Jinja template that sees `tokens` by role. `special` are the tokenizer's special tokens.

    `plain_turns` accepts a template that tells turns apart by plain text, which a user can write as well.
    """
    try:
        with bounded(_SECONDS, _BYTES):
            template = JinjaTemplate(path, text, tokens)
            form = _probe(path, template)
            _compare(path, template, form)
    except OutOfTime as error:
        raise Refusal(path, f"chat_template: {error}") from None
    seam = form.suffix["user"] + form.prefix["assistant"]
    form.plain_turns = not any(token in seam for token in special)
    if form.plain_turns and not plain_turns:
        raise Refusal(
            path,
            f"chat_template: no special token of the tokenizer stands between a user's turn and the answer ({seam!r}): "
            "whoever writes these characters speaks for the model; --plain-turns imports it all the same",
        )
    if form.system_in_user and any(token in form.prefix["system"] + form.suffix["system"] for token in special):
        raise Refusal(path, "chat_template: a special token stands inside a user's turn, beside the system text")
    return form


def conversations():
    """What the service can be asked: system first or not at all, then user and assistant by turns, a user last."""
    for lengths, with_system in itertools.product((1, 3, 5, 7), (False, True)):
        for shift in range(len(_CONTENTS)):
            contents = itertools.islice(itertools.cycle(_CONTENTS), shift, None)
            turns = [("system", next(contents))] if with_system else []
            turns += [(("user", "assistant")[i % 2], next(contents)) for i in range(lengths)]
            if turns[0] != ("system", ""):  # no one may say that
                yield turns


def _ask(path, template, turns, generate):
    try:
        return template.render(turns, generate)
    except TemplateRefused as refused:
        roles = [role for role, _ in turns]
        raise Refusal(path, f"chat_template: refuses a conversation of {roles}: {refused}") from None


def _between(path, template, roles, order=None):
    """The texts before, between and after the turns of these roles, their contents being marks.

    `order` says where the turns stand in the text; None for as they were said.
    """
    marks = [f"{_MARK}{i}{role}" for i, role in enumerate(roles)]
    rest, texts = _ask(path, template, list(zip(roles, marks, strict=True)), True), []
    for i in order or range(len(roles)):
        before, found, rest = rest.partition(marks[i])
        if not found or marks[i] in rest:
            raise Refusal(
                path,
                f"chat_template: expected each turn once and in its place; in a conversation of {list(roles)} the text "
                f"of turn {i + 1} is not",
            )
        texts.append(before)
    return [*texts, rest]


def _probe(path, template):
    plain = _between(path, template, _ASKED)
    one = _ask(path, template, [("user", _MARK)], False).partition(_MARK)[2]
    two = _ask(path, template, [("user", "u"), ("assistant", _MARK)], False).partition(_MARK)[2]

    # Where the seams lie changes no conversation; what closes a turn that ends one is the best of places.
    user_suffix = one if plain[1].startswith(one) and plain[5].startswith(one) else ""
    assistant_suffix = two if plain[2].startswith(two) else ""
    user_prefix = plain[2][len(assistant_suffix) :]
    if not plain[0].endswith(user_prefix):
        raise Refusal(
            path,
            f"chat_template: expected every user turn to begin with {user_prefix!r}, got {plain[0]!r} in the first",
        )
    place, system_prefix, system_suffix = _system(path, template, plain, user_prefix)
    return ChatForm(
        prefix={"system": system_prefix, "user": user_prefix, "assistant": plain[1][len(user_suffix) :]},
        suffix={"system": system_suffix, "user": user_suffix, "assistant": assistant_suffix},
        generation_prefix=plain[5][len(user_suffix) :],
        without_system=plain[0].removesuffix(user_prefix),
        system_in_user=place,
        trim=[role for role in ROLES if _trims(path, template, role)],
    )


def _system(path, template, plain, user_prefix):
    """Where the system text stands (as ChatForm.system_in_user), what before it and what after it."""
    roles = ("system", *_ASKED)
    try:
        texts = _between(path, template, roles)
    except Refusal as refusal:
        try:
            texts = _between(path, template, roles, order=(1, 2, 3, 4, 0, 5))
        except Refusal:
            raise refusal from None
        before_last = plain[4]
        if not texts[4].startswith(before_last):
            raise refusal from None
        return "last", texts[4].removeprefix(before_last), texts[5]
    if texts[1].endswith(user_prefix):
        return None, texts[0], texts[1].removesuffix(user_prefix)
    if not texts[0].startswith(plain[0]):
        raise Refusal(
            path,
            f"chat_template: expected the user's turn to begin with {user_prefix!r} after a system turn, got "
            f"{texts[1]!r} after {texts[0]!r}",
        )
    return "first", texts[0].removeprefix(plain[0]), texts[1]


def _trims(path, template, role):
    turns = [("user", "u"), ("assistant", "a"), ("user", "u")]
    turns = [("system", "s"), *turns] if role == "system" else turns
    at = [each for each, _ in turns].index(role)
    turns[at] = (role, f"{_MARK}  ")
    return f"{_MARK}  " not in _ask(path, template, turns, True)


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
