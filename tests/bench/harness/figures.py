# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and goals: what the measurements come to."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Goal:
    """One line of the comparison. `better` says which way is good; `ratio` is ours divided by the other's."""

    what: str
    unit: str
    ours: float
    other: float
    against: str
    limit: float
    at_least: bool = True

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    @property
    def reached(self) -> bool:
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def median(values: list[float]) -> float:
    """Of several alternating runs."""
    if not values:
        raise ValueError("no run to take the median of")
    return statistics.median(values)


def best(medians: dict[str, float]) -> tuple[str, float]:
    """The name and figure of the fastest setting."""
    name = max(medians, key=lambda key: medians[key])
    return name, medians[name]


def spread(values: list[float]) -> float:
    """How far the runs lie apart, as a share of their median."""
    return (max(values) - min(values)) / median(values)


def goals(results: dict) -> list[Goal]:
    """All goals that `results` (part by part, as bench.py gathers them) has both sides of, in the order of the report."""
    found = []
    if "language" in results and "language_peer" in results:
        found += _language_goals(results["language"], results["language_peer"])
    if "detector" in results and "detector_peer" in results:
        found += _detector_goals(results["detector"], results["detector_peer"])
    if "service" in results:
        found += _service_goals(results["service"])
    if "null_engine" in results:
        found += _null_engine_goals(results["null_engine"])
    if "second_question" in results:
        times = results["second_question"]
        first, second = median(times["first_ms"]), median(times["second_ms"])
        found.append(
            Goal("second question about an image, first token", "ms", second, first, "the first question", 0.5, False)
        )
    return found


def _fastest(side: dict[str, dict[str, list[float]]], row: str) -> tuple[str, float]:
    return best({setting: median(rows[row]) for setting, rows in side.items() if rows.get(row)})


def _language_goals(ours: dict, peer: dict) -> list[Goal]:
    limits = {"decode 1": 1.0, "decode 8": 1.5, "decode 16": 1.5, "prefill": 1.5}
    found = []
    for row, limit in limits.items():
        our_setting, our_speed = _fastest(ours["tokens_per_second"], row)
        peer_setting, peer_speed = _fastest(peer["tokens_per_second"], row)
        kind, _, streams = row.partition(" ")
        what = (
            f"decode, {streams} stream{'s' if streams != '1' else ''}" if kind == "decode" else "prefill of 150 tokens"
        )
        found.append(
            Goal(f"{what} ({our_setting})", "tokens/s", our_speed, peer_speed, f"llama.cpp, {peer_setting}", limit)
        )
    return found


def _detector_goals(ours: dict, peer: dict) -> list[Goal]:
    found = []
    for row in ("1", "8"):
        setting, speed = _fastest(peer["images_per_second"], row)
        our_speed = median(ours["images_per_second"][row])
        found.append(Goal(f"detector, batch {row}", "images/s", our_speed, speed, setting, 1.0))
    return found


def _levels(service: dict, side: str, key: str) -> dict[str, float]:
    return {clients: median([run[key] for run in runs]) for clients, runs in service[side].items()}


def _service_goals(service: dict) -> list[Goal]:
    ours = _levels(service, "ours", "requests_per_second")
    found = []
    if "glued" in service:
        glued = _levels(service, "glued", "requests_per_second")
        our_p99, glued_p99 = _levels(service, "ours", "p99_ms"), _levels(service, "glued", "p99_ms")
        for clients in ours:
            limit = 2.0 if int(clients) >= 16 else 1.0
            what = f"PerceiveAndAnswer, {clients} client{'s' if clients != '1' else ''}"
            found.append(Goal(what, "requests/s", ours[clients], glued[clients], "glued service", limit))
            found.append(Goal(f"{what}, p99", "ms", our_p99[clients], glued_p99[clients], "glued service", 1.0, False))
    if "16" in ours and "1" in ours:
        found.append(Goal("throughput at 16 clients", "requests/s", ours["16"], ours["1"], "our own at 1 client", 2.5))
    return found


def _null_engine_goals(rows: list[dict]) -> list[Goal]:
    """The rate that counts is the highest of each side, over the numbers of callers."""
    found = []
    for name in dict.fromkeys(row["name"] for row in rows):
        of_name = [row for row in rows if row["name"] == name]
        server, echo = (max(median(row[side]["requests_per_second"]) for row in of_name) for side in ("server", "echo"))
        found.append(Goal(f"null engine, {name}", "requests/s", server, echo, "bare gRPC echo", 0.8))
    return found
