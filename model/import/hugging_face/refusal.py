# SPDX-License-Identifier: Apache-2.0
"""Why an import is refused."""


class Refusal(Exception):
    """A file that is not understood or not sound: which, what was expected and what came."""

    def __init__(self, path, reason):
        super().__init__(f"{path}: {reason}")


def shown(value, limit=200):
    """A value from outside for a message: on one line, printable and not endless."""
    text = ascii(value)
    return text if len(text) <= limit else text[:limit] + "..."
