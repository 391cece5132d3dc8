# SPDX-License-Identifier: Apache-2.0
"""Reading a config.json so that no key of it goes unnoticed."""

from hugging_face.refusal import Refusal, shown

_MISSING = object()


class ConfigKeys:
    """Hands out the values of one JSON object and refuses what nobody asked for.

    keys = ConfigKeys(path, object)
    width = keys.whole("hidden_size", 1, 65536)
    keys.only("hidden_act", "silu")
    keys.ignore({"use_cache": "the service always caches"})
    keys.finish()
    """

    def __init__(self, path, values, under=""):
        self.path = path
        self._values = values
        self._under = under
        self._known = set()

    def refuse(self, key, expected, value=_MISSING):
        came = self._values.get(key, _MISSING) if value is _MISSING else value
        came = "nothing" if came is _MISSING else shown(came)
        return Refusal(self.path, f"{self._under}{key}: expected {expected}, got {came}")

    def has(self, key):
        """Whether the key is there and not null."""
        self._known.add(key)
        return self._values.get(key) is not None

    def value(self, key):
        self._known.add(key)
        return self._values.get(key)

    def whole(self, key, low, high, default=_MISSING):
        """A whole number in [low, high]."""
        if not self.has(key) and default is not _MISSING:
            return default
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(key, f"a whole number in [{low}, {high}]")
        return value

    def number(self, key, low, high, default=_MISSING):
        if not self.has(key) and default is not _MISSING:
            return default
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.refuse(key, f"a number in [{low}, {high}]")
        return value

    def boolean(self, key, default):
        if not self.has(key):
            return default
        if not isinstance(self._values[key], bool):
            raise self.refuse(key, "true or false")
        return self._values[key]

    def section(self, key):
        """The object under `key`, to be read and finished on its own."""
        self._known.add(key)
        value = self._values.get(key)
        if not isinstance(value, dict):
            raise self.refuse(key, "an object")
        return ConfigKeys(self.path, value, f"{self._under}{key}.")

    def only(self, key, *understood):
        """Absent, null, or one of the values that change nothing of what is computed here."""
        if self.has(key) and not any(_same(self._values[key], value) for value in understood):
            names = " or ".join(shown(value) for value in (*understood, None))
            raise self.refuse(key, f"{names} (nothing else is understood)")

    def ignore(self, reasons):
        """Keys of any value that have no part in what is computed here; `reasons` say why."""
        self._known.update(reasons)

    def finish(self):
        for key, value in self._values.items():
            if key not in self._known:
                raise Refusal(
                    self.path,
                    f"{self._under}{key}: this key is not understood (its value is {shown(value)}), so the import "
                    "could not be exact",
                )


def _same(value, other):
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return value == other
