# SPDX-License-Identifier: Apache-2.0
"""Where requests wait and how full the device's steps are."""

from dashboard import Dashboard, Panel, Query
from service import percentile


def mean(metric: str, by: str) -> Query:
    """Of a histogram's observations, for each value of `by`."""
    return Query(
        f"sum by ({by}) (rate({metric}_sum{{@}}[~])) / sum by ({by}) (rate({metric}_count{{@}}[~]))", f"{{{{{by}}}}}"
    )


_WAITING = [
    Panel(
        "Predicted wait of a request that comes now",
        [Query("mrmllm_predicted_queue_wait_seconds{@}", "{{instance}}")],
        "s",
        about="What an autoscaler should follow.",
    ),
    Panel("Requests before their first step", [Query("mrmllm_queue_depth{@}", "{{instance}}")]),
    Panel("Answers being generated", [Query("mrmllm_running_sequences{@}", "{{instance}}")]),
    Panel(
        "p99 of the wait for the first step, by stage",
        [percentile(0.99, "mrmllm_queue_wait_seconds", "stage", "{{stage}}")],
        "s",
    ),
    Panel(
        "p99 of all waiting, by priority",
        [percentile(0.99, "mrmllm_priority_wait_seconds", "priority", "{{priority}}")],
        "s",
    ),
    Panel(
        "Refused for want of room or time",
        [
            Query(
                'sum by (reason) (rate(mrmllm_rejections_total{@,reason=~"overload|deadline"}[~])) or on() vector(0)',
                "{{reason}}",
            )
        ],
        "reqps",
    ),
]

_STEPS = [
    Panel(
        "Time in steps of the engine, by stage",
        [Query('sum by (stage) (rate(mrmllm_stage_duration_seconds_sum{@,stage!="image_decode"}[~]))', "{{stage}}")],
        "percentunit",
        about="Seconds in a second, all replicas together: as many as there are engines means no rest.",
    ),
    Panel(
        "Steps by stage",
        [Query('sum by (stage) (rate(mrmllm_stage_duration_seconds_count{@,stage!="image_decode"}[~]))', "{{stage}}")],
        "ops",
    ),
    Panel("p99 of a step, by stage", [percentile(0.99, "mrmllm_stage_duration_seconds", "stage", "{{stage}}")], "s"),
    Panel("Images, parts of images or sequences in a step", [mean("mrmllm_batch_size", "stage")]),
    Panel(
        "Occupancy of a step",
        [mean("mrmllm_batch_occupancy_ratio", "stage")],
        "percentunit",
        most=1,
        about="Of the step's bound: images or parts of them, prompt tokens or sequences.",
    ),
    Panel(
        "Engines in service",
        [Query("mrmllm_engines_in_service{@}", "{{instance}}")],
        about="A device that failed is missing here.",
    ),
]

_MEMORY = [
    Panel("Key-value blocks by state", [Query("sum by (state) (mrmllm_kv_blocks{@})", "{{state}}")]),
    Panel(
        "Key-value blocks reserved",
        [
            Query(
                'sum by (instance) (mrmllm_kv_blocks{@,state="reserved"}) / sum by (instance) (mrmllm_kv_blocks{@,state="total"})',
                "{{instance}}",
            )
        ],
        "percentunit",
        most=1,
    ),
    Panel("Key-value memory of running answers", [Query("mrmllm_kv_cache_bytes{@}", "{{instance}}")], "bytes"),
    Panel("Admitted requests", [Query('sum by (instance) (mrmllm_admitted{@,what="requests"})', "{{instance}}")]),
    Panel("Admitted pixels", [Query('sum by (instance) (mrmllm_admitted{@,what="pixels"})', "{{instance}}")]),
    Panel("Admitted tokens", [Query('sum by (what) (mrmllm_admitted{@,what=~"tokens|image_tokens"})', "{{what}}")]),
]

DASHBOARD = Dashboard(
    "scheduler",
    "MR-MLLM / Scheduler",
    "Where requests wait, how full the device's steps are, and what memory they hold.",
    {"Waiting": _WAITING, "Steps": _STEPS, "Memory and admission": _MEMORY},
)
