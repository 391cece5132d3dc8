# SPDX-License-Identifier: Apache-2.0
"""JSON from outside: bounded, UTF-8, no name twice in one object, no NaN."""

import json

from hugging_face import plain_file
from hugging_face.refusal import Refusal, shown

MAX_BYTES = 16 * 1024 * 1024


def parse(path, content):
    """The JSON object in `content`; `path` stands in messages."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(path, f"expected UTF-8, got other bytes at byte {error.start}") from None

    def unique(pairs):
        result = dict(pairs)
        if len(result) != len(pairs):
            seen = set()
            for name, _ in pairs:
                if name in seen:
                    raise Refusal(path, f"the name {shown(name)} occurs twice in one object")
                seen.add(name)
        return result

    def constant(name):
        raise Refusal(path, f"expected numbers, got {name}")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except RecursionError:
        raise Refusal(path, "expected JSON, got one nested too deep") from None
    except ValueError as error:
        raise Refusal(path, f"expected JSON: {shown(str(error))}") from None
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(path, value)
    if not isinstance(value, dict):
        raise Refusal(path, f"expected a JSON object, got {shown(value)}")
    return value


def read(directory, name, max_bytes=MAX_BYTES):
    """The JSON object in a file of `directory`."""
    return parse(plain_file.locate(directory, name), plain_file.read(directory, name, max_bytes))


def _check_surrogates(path, value):
    """Half of a character, which JSON can write and UTF-8 cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refusal(
            path, f"expected text, got half of a surrogate pair, {shown(error.object[error.start])}"
        ) from None
