# SPDX-License-Identifier: Apache-2.0
"""Renders a Jinja chat template as transformers does, in a sandbox and within bounds."""

import datetime
import json

from hugging_face.chat.bounded import OutOfTime
from hugging_face.refusal import Refusal, shown

_MAX_RENDERED = 1_000_000
# A template that writes today's date would make another prompt each day; it gets this one for good.
_DATE = datetime.datetime(2024, 7, 26)


class TemplateRefused(Exception):
    """The template itself said no to a conversation, by raise_exception."""


class JinjaTemplate:
    """template.render([("user", "Hello")], generate=True) -> text"""

    def __init__(self, path, text, tokens):
        import jinja2
        import jinja2.ext
        import jinja2.sandbox

        self._path, self._tokens = path, tokens
        environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]
        )
        environment.filters["tojson"] = _tojson
        environment.globals["raise_exception"] = _raise_exception
        environment.globals["strftime_now"] = _DATE.strftime
        try:
            self._template = environment.from_string(text)
        except (jinja2.TemplateError, RecursionError) as error:
            raise Refusal(path, f"chat_template: expected a Jinja template: {shown(str(error))}") from None

    def render(self, turns, generate):
        """The text of (role, text) turns; raises TemplateRefused where the template refuses them."""
        messages = [{"role": role, "content": text} for role, text in turns]
        pieces, length = [], 0
        try:
            for piece in self._template.generate(
                messages=messages, tools=None, documents=None, add_generation_prompt=generate, **self._tokens
            ):
                length += len(piece)
                if length > _MAX_RENDERED:
                    raise Refusal(self._path, f"chat_template: writes more than {_MAX_RENDERED} characters")
                pieces.append(piece)
        except (TemplateRefused, Refusal, OutOfTime):
            raise
        except MemoryError:
            raise Refusal(self._path, "chat_template: asks for more memory than any needs") from None
        except Exception as error:  # whatever the template's expressions run into
            raise Refusal(self._path, f"chat_template: fails with {shown(str(error))}") from None
        return "".join(pieces)


def _raise_exception(message):
    raise TemplateRefused(str(message))


def _tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
