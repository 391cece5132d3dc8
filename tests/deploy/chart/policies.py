# SPDX-License-Identifier: Apache-2.0
"""What kube-score and checkov find in every example, against the findings that are let pass, each with its reason.

Run by tests/deploy/14-chart-policies. A finding without a reason is a fault; so is a reason that no finding needs any more.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

import render

_ACCEPTED = pathlib.Path(__file__).with_name("findings.yaml")
_GRADE_OK = 10


def kube_score(manifest: pathlib.Path) -> set[tuple[str, str, str]]:
    """(tool, check, kind/name) of what is not in order."""
    version = "v" + render.KUBERNETES[1].removesuffix(".0")
    done = subprocess.run(
        ["kube-score", "score", "--kubernetes-version", version, "--output-format", "json", str(manifest)],
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        ("kube-score", check["check"]["id"], f"{thing['type_meta']['kind']}/{thing['object_meta']['name']}")
        for thing in json.loads(done.stdout)
        for check in thing["checks"]
        if not check["skipped"] and check["grade"] < _GRADE_OK
    }


def checkov(folder: pathlib.Path) -> set[tuple[str, str, str]]:
    done = subprocess.run(
        [
            "checkov",
            "--skip-download",
            "--framework",
            "kubernetes",
            "--directory",
            str(folder),
            "--quiet",
            "--output",
            "json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    if report["summary"]["passed"] == 0:
        raise ValueError("checkov looked at nothing")
    found = set()
    for fault in report["results"]["failed_checks"]:
        kind, _, name = fault["resource"].split(".")
        found.add(("checkov", fault["check_id"], f"{kind}/{name}"))
    return found


def judge(found: set[tuple[str, str, str]], accepted: list[dict]) -> list[str]:
    """A line for each finding without a reason and each reason without a finding."""
    used, faults = set(), []
    for tool, check, thing in sorted(found):
        entries = [
            index
            for index, entry in enumerate(accepted)
            if (entry["tool"], entry["check"]) == (tool, check) and re.fullmatch(entry["object"], thing)
        ]
        used.update(entries)
        if not entries:
            faults.append(f"{tool} {check}: {thing}")
    faults += [
        f"no finding needs: {entry['tool']} {entry['check']} {entry['object']}"
        for index, entry in enumerate(accepted)
        if index not in used
    ]
    return faults


def main() -> int:
    accepted = yaml.safe_load(_ACCEPTED.read_text())
    if any(len(entry["reason"]) < 20 for entry in accepted):
        print("a finding is let pass without a reason worth the name")
        return 1
    found = set()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, files in render.value_files().items():
            manifest = folder / f"{name}.yaml"
            manifest.write_text(render.helm(*render.template_arguments(files)).stdout)
            found |= kube_score(manifest)
        found |= checkov(folder)
    faults = judge(found, accepted)
    print(*faults, sep="\n")
    print(f"{len(found)} findings, {len(accepted)} reasons, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
