# SPDX-License-Identifier: Apache-2.0
"""Measures speed: ours alone, or with --peers beside others on the same machine in the same run.

  python tests/bench/harness/bench.py [--peers] [--quick] [--only PART...]

Writes report.json, report.md and chart.svg to build/bench/. `--only` measures some parts anew and keeps the others as they
were measured before.
"""

import argparse
import datetime
import json
import pathlib
import subprocess

import chart
import machine
import parts
import programs
import services
import tables

PARTS = {
    "language": parts.language,
    "detector": parts.detector,
    "null_engine": lambda plan, with_peers: parts.null_engine(plan),
    "service": services.service,
    "second_question": lambda plan, with_peers: services.second_question(plan),
}


def versions(with_peers: bool) -> dict[str, str]:
    if not with_peers:
        return {}
    script = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({n: m.version(n) for n in ('llama-cpp-python', 'onnxruntime', 'openvino', 'grpcio')}))"
    )
    return json.loads(subprocess.check_output([str(programs.PEER_PYTHON), "-c", script], text=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="measure the peers too; scripts/bench-peers installs them")
    parser.add_argument("--quick", action="store_true", help="one short run instead of three")
    parser.add_argument("--rounds", type=int, help="alternating runs [3; 1 with --quick]")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, help="these parts; the others stay as they were measured last"
    )
    parser.add_argument("--threads", type=int, default=int(machine.describe()["cores"]), help="of every program")
    parser.add_argument("--out", type=pathlib.Path, default=programs.ROOT / "build" / "bench")
    args = parser.parse_args()
    plan = programs.Plan(args.out, args.threads, args.rounds or (1 if args.quick else 3), args.quick)
    (args.out / "peers").mkdir(parents=True, exist_ok=True)
    path = args.out / "report.json"
    results = json.loads(path.read_text())["results"] if args.only and path.is_file() else {}
    for name in args.only or PARTS:
        print(f"==> Measuring: {name}", flush=True)
        results |= PARTS[name](plan, args.peers)
        report = {
            "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": machine.describe(),
            "versions": versions(args.peers),
            "threads": args.threads,
            "rounds": plan.rounds,
            "results": results,
        }
        report = json.loads(json.dumps(report))
        path.write_text(json.dumps(report, indent=2) + "\n")
    (args.out / "report.md").write_text(tables.markdown(report))
    (args.out / "chart.svg").write_text(chart.svg(report["results"]))
    print("\n" + tables.markdown(report))


if __name__ == "__main__":
    main()
