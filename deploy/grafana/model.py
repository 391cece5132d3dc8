# SPDX-License-Identifier: Apache-2.0
"""What the model does: tokens, stages, caches, and which model it is."""

from dashboard import Dashboard, Panel, Query
from service import percentile


def stage(name: str, title: str) -> Panel:
    """Percentiles of one stage's runs."""
    return Panel(
        title,
        [
            Query(
                f'histogram_quantile({share}, sum by (le) (rate(mrmllm_stage_duration_seconds_bucket{{@,stage="{name}"}}[~])))',
                f"p{share * 100:.0f}",
            )
            for share in (0.5, 0.99)
        ],
        "s",
    )


_TOKENS = [
    Panel(
        "Tokens by kind",
        [Query("sum by (kind) (rate(mrmllm_tokens_total{@}[~]))", "{{kind}}")],
        about="perception is a part of prompt.",
    ),
    Panel(
        "Tokens of an answer, mean",
        [
            Query(
                'sum(rate(mrmllm_tokens_total{@,kind="answer"}[~])) / sum(rate(mrmllm_time_to_first_token_seconds_count{@}[~]))',
                "tokens",
            )
        ],
    ),
    Panel(
        "Prompt tokens taken from earlier prompts",
        [
            Query(
                'sum(rate(mrmllm_prefix_cached_tokens_total{@}[~])) / sum(rate(mrmllm_tokens_total{@,kind="prompt"}[~]))',
                "share",
            )
        ],
        "percentunit",
        most=1,
    ),
    Panel(
        "For each token after the first",
        [
            percentile(0.5, "mrmllm_time_per_output_token_seconds", "", "p50"),
            percentile(0.99, "mrmllm_time_per_output_token_seconds", "", "p99"),
        ],
        "s",
    ),
    Panel(
        "What answers claim and their boxes bear out",
        [Query("sum(rate(mrmllm_agreement_ratio_sum{@}[~])) / sum(rate(mrmllm_agreement_ratio_count{@}[~]))", "share")],
        "percentunit",
        most=1,
    ),
    Panel(
        "Claims that the boxes contradict",
        [Query("sum by (kind) (rate(mrmllm_conflicts_total{@}[~])) or on() vector(0)", "{{kind}}")],
        "ops",
    ),
    stage("decode_step", "A decode step"),
    stage("prefill", "A prefill step"),
]

_IMAGES = [
    stage("image_decode", "A request's images decoded and resized"),
    stage("perceive", "A perceive step"),
    Panel(
        "Second looks: parts, and the objects they brought",
        [
            Query("sum(rate(mrmllm_second_look_crops_total{@}[~]))", "parts"),
            Query("sum by (outcome) (rate(mrmllm_second_look_boxes_total{@}[~]))", "{{outcome}}"),
        ],
        "ops",
        about="added: the first look did not have it; changed: it replaced one.",
    ),
    Panel(
        "Images looked up",
        [
            Query("sum(rate(mrmllm_cache_hits_total{@}[~]))", "hit"),
            Query("sum(rate(mrmllm_cache_misses_total{@}[~]))", "miss"),
            Query("sum(rate(mrmllm_perceive_shared_total{@}[~]))", "miss, shared with an equal image"),
        ],
        "ops",
    ),
    Panel(
        "Hit ratio of the image cache",
        [
            Query(
                "sum by (instance) (rate(mrmllm_cache_hits_total{@}[~]))"
                " / sum by (instance) (rate(mrmllm_cache_hits_total{@}[~]) + rate(mrmllm_cache_misses_total{@}[~]))",
                "{{instance}}",
            )
        ],
        "percentunit",
        most=1,
    ),
    Panel("Memory of the image cache", [Query("mrmllm_cache_bytes{@}", "{{instance}}")], "bytes"),
    Panel(
        "Images in the cache, and leaving it",
        [
            Query("sum(mrmllm_cache_entries{@})", "in it"),
            Query("sum(increase(mrmllm_cache_evictions_total{@}[~]))", "left it"),
        ],
    ),
]

_WHAT_RUNS = [
    Panel(
        "Bundle versions in memory",
        [Query("mrmllm_models_loaded{@}", "{{instance}}")],
        about="Two of one bundle: the older one drains.",
    ),
    Panel(
        "Bundles opened in a quarter of an hour, by outcome",
        [Query("sum by (outcome) (increase(mrmllm_model_loads_total{@}[15m])) or on() vector(0)", "{{outcome}}")],
    ),
    Panel(
        "How long the last start took, by phase",
        [Query("max by (phase) (mrmllm_startup_phase_seconds{@})", "{{phase}}")],
        "s",
        "bargauge",
    ),
    Panel(
        "What runs",
        [Query("count by (instance, version, model, model_version, device, dtype) (mrmllm_build_info{@})")],
        kind="table",
    ),
]

DASHBOARD = Dashboard(
    "model",
    "MR-MLLM / Model",
    "Tokens, stages, caches, and which model it is.",
    {"Language": _TOKENS, "Images": _IMAGES, "What runs": _WHAT_RUNS},
)
