# SPDX-License-Identifier: Apache-2.0
"""Every object of every example against the schemas of Kubernetes and of the operators that read it.

Run by tests/deploy/11-chart-schemas.
"""

import sys
import warnings

import kubernetes_validate
import pydantic
from cloudcoil.models.cert_manager.v1 import Certificate
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from cloudcoil.models.prometheus_operator.v1 import PodMonitor, PrometheusRule, ServiceMonitor

import render

_OPERATORS = {
    model.__name__: model for model in (Certificate, ScaledObject, PodMonitor, PrometheusRule, ServiceMonitor)
}
# Of these no model is to be had; the chart's unit tests look at them.
_WITHOUT_SCHEMA = {"GRPCRoute"}


def unknown_names(given, known, path="") -> list[str]:
    """What a model read over: it drops names that it does not know."""
    if isinstance(given, dict) and isinstance(known, dict):
        lost = [f"{path}.{name}" for name in given if name not in known]
        return lost + [
            fault
            for name in given
            if name in known
            for fault in unknown_names(given[name], known[name], f"{path}.{name}")
        ]
    if isinstance(given, list) and isinstance(known, list):
        return [
            fault
            for index, pair in enumerate(zip(given, known, strict=True))
            for fault in unknown_names(*pair, f"{path}[{index}]")
        ]
    return []


def fault_of(thing: dict, kube_version: str) -> str | None:
    kind = thing["kind"]
    if kind in _WITHOUT_SCHEMA:
        return None
    try:
        if kind in _OPERATORS:
            read = _OPERATORS[kind].model_validate(thing).model_dump(by_alias=True, exclude_unset=True, mode="json")
            lost = unknown_names(thing, read)
            return f"unknown: {', '.join(lost)}" if lost else None
        kubernetes_validate.validate(thing, kube_version.removesuffix(".0"), strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    except (kubernetes_validate.SchemaNotFoundError, pydantic.ValidationError) as error:
        return str(error)
    return None


def main() -> int:
    warnings.simplefilter("ignore")
    checked, faults = 0, []
    kinds = set()
    for name, files in render.value_files().items():
        for kube_version in render.KUBERNETES:
            for thing in render.render(files, kube_version):
                checked += 1
                kinds.add(thing["kind"])
                if fault := fault_of(thing, kube_version):
                    faults.append(
                        f"{name}, Kubernetes {kube_version}, {thing['kind']} {thing['metadata']['name']}: {fault}"
                    )
    print("kinds:", ", ".join(sorted(kinds)))
    print(*faults, sep="\n")
    missing = set(_OPERATORS) - kinds
    if missing:
        print("made by no example: ", missing)
    print(f"{checked} objects, {len(faults)} faults, Kubernetes {', '.join(render.KUBERNETES)}")
    return 1 if faults or missing else 0


if __name__ == "__main__":
    sys.exit(main())
