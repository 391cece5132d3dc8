# SPDX-License-Identifier: Apache-2.0
"""Where the time of a list of replies went."""

import dataclasses

from service_client import Reply


@dataclasses.dataclass(frozen=True)
class StageLatency:
    """Of the replies that report the stage; milliseconds."""

    replies: int
    median: float
    p95: float
    highest: float


def by_stage(replies: list[Reply]) -> dict[str, StageLatency]:
    """For every stage that a reply reports, and "wall": what the caller waited, transport included."""
    values: dict[str, list[float]] = {}
    for reply in replies:
        for stage, seconds in {**reply.stages, "wall": reply.wall}.items():
            values.setdefault(stage, []).append(seconds * 1e3)
    return {
        stage: StageLatency(len(list_), percentile(list_, 50), percentile(list_, 95), max(list_))
        for stage, list_ in values.items()
    }


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that at least `percent` per cent of `values` do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank) - 1, 0)]
