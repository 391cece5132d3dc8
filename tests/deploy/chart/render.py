# SPDX-License-Identifier: Apache-2.0
"""The chart as helm renders it."""

import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/mrmllm"
NAMESPACE = "inference"
# The oldest that the chart allows, one in wide use, the newest whose schemas there are.
KUBERNETES = ("1.27.0", "1.33.0", "1.37.0")


def value_files() -> dict[str, list[pathlib.Path]]:
    """The chart's defaults, its examples, and the cases of this test, by name."""
    files = [*sorted(CHART.glob("examples/*.yaml")), *sorted(pathlib.Path(__file__).parent.glob("values/*.yaml"))]
    return {"defaults": []} | {file.stem: [file] for file in files}


def helm(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["helm", *arguments], capture_output=True, text=True, cwd=ROOT, check=False)


def template_arguments(files=(), kube_version=KUBERNETES[1], settings=()) -> list[str]:
    """A go-installed helm takes itself for an ancient Kubernetes: the version is always named."""
    arguments = ["template", "mrmllm", str(CHART), "--namespace", NAMESPACE, "--kube-version", kube_version]
    for file in files:
        arguments += ["--values", str(file)]
    for setting in settings:
        arguments += ["--set", setting]
    return arguments


def render(files=(), kube_version=KUBERNETES[1], settings=()) -> list[dict]:
    """Every object that the chart makes; raises with helm's own words where it makes none."""
    done = helm(*template_arguments(files, kube_version, settings))
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return [document for document in yaml.load_all(done.stdout, yaml.CSafeLoader) if document]


def one(objects: list[dict], kind: str) -> dict:
    """The only object of this kind, the chart's own test aside."""
    found = [
        thing
        for thing in objects
        if thing["kind"] == kind and "helm.sh/hook" not in thing["metadata"].get("annotations", {})
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} objects of kind {kind}")
    return found[0]
