# SPDX-License-Identifier: Apache-2.0
"""Figures with intervals: how they would vary had other photos of the same kind been taken.

Photos are drawn anew with replacement (the bootstrap; photos, not questions, for questions about one photo go right or wrong
together). All figures are computed on the same draws, so a difference of two is paired: what makes a photo hard for both
cancels out.
"""

import dataclasses
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np

ROUNDS = 1000
COVERAGE = 0.95


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A figure and what it was on every draw; not a number where there was nothing to measure."""

    value: float
    samples: np.ndarray

    def interval(self) -> tuple[float, float]:
        """Where the middle 95 % of the draws lie."""
        if np.isnan(self.samples).all():
            return float("nan"), float("nan")
        edge = (1 - COVERAGE) / 2 * 100
        low, high = np.nanpercentile(self.samples, [edge, 100 - edge])
        return float(low), float(high)

    def minus(self, other: "Estimate") -> "Estimate":
        return Estimate(self.value - other.value, self.samples - other.samples)

    def over(self, other: "Estimate") -> "Estimate":
        with np.errstate(divide="ignore", invalid="ignore"):
            return Estimate(_ratio(self.value, other.value), np.divide(self.samples, other.samples))

    def as_json(self) -> dict[str, float | None]:
        low, high = self.interval()
        return {
            name: None if np.isnan(number) else float(number)
            for name, number in (("value", self.value), ("low", low), ("high", high))
        }


def mean(estimates: list[Estimate]) -> Estimate:
    """The mean of figures of the same draws."""
    return Estimate(
        float(np.mean([each.value for each in estimates])), np.mean([each.samples for each in estimates], axis=0)
    )


class Resampling:
    """The draws. `weights` [rounds, units]: how often each draw has each unit; a unit is a photo where not said otherwise."""

    def __init__(self, units: Iterable[Hashable], rounds: int = ROUNDS, seed: int = 0):
        self.units = list(dict.fromkeys(units))
        self._index = {unit: index for index, unit in enumerate(self.units)}
        count = len(self.units)
        rng = np.random.default_rng(seed)
        self.weights = rng.multinomial(count, np.full(count, 1 / count), size=rounds)

    def ratio(self, parts: Iterable[tuple[Hashable, float, float]]) -> Estimate:
        """The sum of the second over the sum of the third of (unit, part, whole)."""
        return self.of_sums(
            [(unit, (part, whole)) for unit, part, whole in parts], 2, lambda sums: _ratio(sums[0], sums[1])
        )

    def share(self, units: Iterable[tuple[Hashable, bool]]) -> Estimate:
        """How many of (unit, yes) are yes."""
        return self.ratio((unit, float(yes), 1.0) for unit, yes in units)

    def of_sums(
        self, parts: Iterable[tuple[Hashable, tuple[float, ...]]], width: int, figure: Callable[[Any], Any]
    ) -> Estimate:
        """`figure` of the sums of `width` columns; it is given [width] or [width, rounds] and works on both."""
        table = np.zeros((len(self.units), width))
        for unit, values in parts:
            table[self._index[unit]] += values
        return Estimate(float(figure(table.sum(axis=0))), np.asarray(figure((self.weights @ table).T)))


def _ratio(part, whole):
    """Part over whole; not a number where the whole is 0."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
