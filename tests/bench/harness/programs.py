# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark programs of both sides and reads what they print."""

import dataclasses
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "release"
BUNDLE = ROOT / "build" / "bundles" / "coco-135m"
PEERS = ROOT / "tests" / "bench" / "peers"
PEER_PYTHON = ROOT / "build" / "bench" / "venv" / "bin" / "python"
PHOTOS = ROOT / "docs" / "photos"

_PROMPT = "prefill/tokens:150"


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is measured. `threads`: for every program of both sides."""

    work: pathlib.Path
    threads: int
    rounds: int = 3
    quick: bool = False


def json_of(command: list[str], log: pathlib.Path) -> dict | list:
    """Standard output as JSON; standard error goes to `log`."""
    with log.open("a") as errors:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {done.returncode}; see {log}")
    return json.loads(done.stdout)


def program(name: str) -> str:
    path = BUILD / "tests" / "bench" / name
    if not path.is_file():
        raise SystemExit(f"{path} is not there; scripts/build release benchmarks")
    return str(path)


def google_benchmark(name: str, options: list[str], plan: Plan) -> dict:
    # As the server has it: see server/main.cc.
    command = ["env", "OMP_WAIT_POLICY=passive", program(name), *options, "--benchmark_format=json"]
    return json_of(command, plan.work / f"{name}.log")


def counters(printed: dict, counter: str) -> dict[str, float]:
    """The median of a counter by benchmark, without what Google Benchmark hangs on a name ("/manual_time")."""
    values: dict[str, list[float]] = {}
    for row in printed["benchmarks"]:
        if row.get("run_type", "iteration") == "iteration" and counter in row:
            name = "/".join(part for part in row["name"].split("/") if part not in ("manual_time", "real_time"))
            values.setdefault(name, []).append(row[counter])
    return {name: sorted(found)[len(found) // 2] for name, found in values.items()}


def language_rows(printed: dict) -> dict[str, float]:
    """Tokens a second under the comparison's own names: "decode 1", "decode 8", "decode 16", "prefill"."""
    rows = {}
    for name, speed in counters(printed, "tokens_per_second").items():
        if name.startswith("decode/streams:"):
            rows["decode " + name.rpartition(":")[2]] = speed
        elif name == _PROMPT:
            rows["prefill"] = speed
    return rows


def peer(script: str, options: list[str], plan: Plan) -> dict:
    """One of the scripts of tests/bench/peers, in the peers' own environment."""
    command = [str(PEER_PYTHON), str(PEERS / script), "--threads", str(plan.threads), *options]
    return json_of(command, plan.work / f"{script}.log")


def site_packages() -> pathlib.Path:
    """Where the package with the language model's weights is."""
    return next((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
