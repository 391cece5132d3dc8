# SPDX-License-Identifier: Apache-2.0
"""Every series that rules and dashboards may name, with its labels: the server's metrics, what the rules record, and Prometheus' own.

Names come from the metrics' golden file. Labels stand here; a live server's are compared with them (live_panels.py).
"""

import pathlib
import re

import yaml

import promql

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/server/telemetry/metrics.golden.txt"
RULES = [ROOT / "deploy/prometheus" / name for name in ("recording_rules.yaml", "alert_rules.yaml")]

# What Prometheus adds to every scraped series.
TARGET = {"namespace", "job", "instance"}
LABELS = {
    "mrmllm_requests_total": {"method", "code"},
    "mrmllm_auth_failures_total": {"reason"},
    "mrmllm_rejections_total": {"reason"},
    "mrmllm_model_loads_total": {"outcome"},
    "mrmllm_conflicts_total": {"kind"},
    "mrmllm_tokens_total": {"kind"},
    "mrmllm_second_look_boxes_total": {"outcome"},
    "mrmllm_trace_spans_total": {"outcome"},
    "mrmllm_kv_blocks": {"state"},
    "mrmllm_admitted": {"what"},
    "mrmllm_startup_phase_seconds": {"phase"},
    "mrmllm_build_info": {"version", "model", "model_version", "device", "dtype"},
    "mrmllm_request_duration_seconds": {"method"},
    "mrmllm_stage_duration_seconds": {"stage"},
    "mrmllm_queue_wait_seconds": {"stage"},
    "mrmllm_priority_wait_seconds": {"priority"},
    "mrmllm_batch_size": {"stage"},
    "mrmllm_batch_occupancy_ratio": {"stage"},
}
_OF_PROMETHEUS = {"up": TARGET, "ALERTS": {*TARGET, "alertname", "alertstate", "severity"}}


def golden_types() -> dict[str, str]:
    """Counter, gauge or histogram by the metric's name."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)", GOLDEN.read_text(), re.MULTILINE))


def rules(kind: str) -> list[dict]:
    """The rules that record (kind "record") or alert (kind "alert")."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def known() -> dict[str, set[str]]:
    """Labels by the name of the series."""
    found = dict(_OF_PROMETHEUS)
    for name, kind in golden_types().items():
        labels = TARGET | LABELS.get(name, set())
        if kind == "histogram":
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            found[name] = labels
    for rule in rules("record"):
        # By convention the name's first part says what is left of the labels: job_stage:..., instance:...
        found[rule["record"]] = {"namespace", "job", *rule["record"].partition(":")[0].split("_")}
    return found


def faults(expression: str) -> list[str]:
    """What the expression names that does not exist."""
    series, named = known(), promql.references(expression)
    unknown = [f"no series {name}" for name in named.matched if name not in series]
    for name, labels in named.matched.items():
        unknown += [f"{name} has no label {label}" for label in labels - series.get(name, labels)]
    labels_of_all = set().union(*(series.get(name, set()) for name in named.matched))
    unknown += [f"no label {label} in any series of the expression" for label in named.grouped - labels_of_all]
    return unknown if named.matched else [*unknown, "names no series"]
