# SPDX-License-Identifier: Apache-2.0
"""Whether a server is as it was before the load: the rules, free of any server."""

import collections

from watch import Reading, total

WARM_UP_SHARE = 0.25  # caches and pools fill: not looked at
MEMORY_TOLERANCE_SHARE = 0.04
MEMORY_TOLERANCE_MIB = 24  # allocators keep some of what they are given back
MORE_FILES = 16
MORE_THREADS = 16  # gRPC starts threads when many are busy
MIB = 1 << 20

# What must be nothing when nobody asks anything. A metric that a server does not have is passed over.
NOTHING_LEFT = [
    ("mrmllm_admitted", ()),
    ("mrmllm_running_sequences", ()),
    ("mrmllm_queue_depth", ()),
    ("mrmllm_kv_cache_bytes", ()),
    ("mrmllm_kv_blocks", ('"reserved"',)),
]


def thirds(readings: list[Reading]) -> tuple[list[Reading], list[Reading]]:
    """The first and the last third of what follows the warm-up."""
    end = readings[-1].at
    after = [reading for reading in readings if reading.at >= WARM_UP_SHARE * end]
    third = max(len(after) // 3, 1)
    return after[:third], after[-third:]


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def memory(readings: list[Reading], tolerance_mib: float = MEMORY_TOLERANCE_MIB) -> tuple[str, list[str]]:
    """A line about resident memory, open files and threads, and what is wrong with them."""
    if len(readings) < 6:
        return "too few readings", [f"only {len(readings)} readings of the server's memory"]
    first, last = thirds(readings)
    before, after = (mean(reading.resident_bytes for reading in part) for part in (first, last))
    allowed = before * MEMORY_TOLERANCE_SHARE + tolerance_mib * MIB
    files = [round(mean(reading.open_files for reading in part)) for part in (first, last)]
    threads = [round(mean(reading.threads for reading in part)) for part in (first, last)]
    line = (
        f"resident memory {before / MIB:.0f} -> {after / MIB:.0f} MiB (+{allowed / MIB:.0f} allowed), "
        f"open files {files[0]} -> {files[1]}, threads {threads[0]} -> {threads[1]}"
    )
    faults = []
    if after > before + allowed:
        faults.append(f"resident memory grew by {(after - before) / MIB:.0f} MiB, {allowed / MIB:.0f} allowed")
    if files[1] > files[0] + MORE_FILES:
        faults.append(f"open files grew from {files[0]} to {files[1]}")
    if threads[1] > threads[0] + MORE_THREADS:
        faults.append(f"threads grew from {threads[0]} to {threads[1]}")
    return line, faults


def leftovers(metrics: dict[str, float]) -> list[str]:
    """What is still held although nobody asks anything."""
    held = [(name, total(metrics, name, *labels)) for name, labels in NOTHING_LEFT]
    return [f"{name} is {value:g}, expected 0" for name, value in held if value != 0]


def outcomes(counts: dict[str, collections.Counter], may_end: dict[str, set]) -> list[str]:
    """Acts that ended as they may not."""
    return [
        f"{act}: {count} ended with {code.name}"
        for act, codes in counts.items()
        for code, count in codes.items()
        if code not in may_end[act]
    ]


def accounting(sent: int, answered: int, metrics: dict[str, float]) -> tuple[str, list[str]]:
    """A line about the server's own count of requests, and what is wrong with it.

    It counts each that reached it once: at least those whose good answers came, at most those that were sent, as some
    are cancelled on their way.
    """
    counted = total(metrics, "mrmllm_requests_total")
    good = total(metrics, "mrmllm_requests_total", 'code="OK"')
    faults = []
    if counted > sent:
        faults.append(f"the server counted {counted:g} requests, but only {sent} were sent")
    if good < answered:
        faults.append(f"the server counted {good:g} good answers, but {answered} came")
    return f"{sent} requests sent, {counted:g} reached the server, {good:g} of them answered", faults
