# SPDX-License-Identifier: Apache-2.0
"""The first dashboard to look at: does the service answer, how fast, and whom did it turn away?"""

from dashboard import Dashboard, Panel, Query

_RULE = 'namespace=~"$namespace",job=~"$job"'  # recorded series are sums over instances
_BAD = 'code=~"INTERNAL|UNKNOWN|DATA_LOSS|UNAVAILABLE|DEADLINE_EXCEEDED"'


def percentile(share: float, metric: str, by: str, legend: str) -> Query:
    """Of a histogram, over the instances chosen, for each value of `by`."""
    labels = f"{by}, le" if by else "le"
    return Query(f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{@}}[~])))", legend)


_NOW = [
    Panel("Replicas up", [Query("sum(up{@})")], kind="stat", about="Targets that Prometheus could scrape."),
    Panel("Requests", [Query("sum(rate(mrmllm_requests_total{@}[~]))")], "reqps", "stat"),
    Panel(
        "Failed",
        [
            Query(
                f"(sum(rate(mrmllm_requests_total{{@,{_BAD}}}[~])) or on() vector(0)) / sum(rate(mrmllm_requests_total{{@}}[~]))"
            )
        ],
        "percentunit",
        "stat",
        "Requests that the service owed an answer and did not give.",
    ),
    Panel(
        "Error budget left",
        [Query(f"1 - max(job:mrmllm_request_errors:ratio_rate30d{{{_RULE}}}) / 0.001")],
        "percentunit",
        "stat",
        "Of 30 days at an objective of 99.9 %; below zero it is spent.",
    ),
    Panel("Predicted wait", [Query("avg(mrmllm_predicted_queue_wait_seconds{@})")], "s", "stat"),
    Panel(
        "Alerts firing",
        [Query('count(ALERTS{alertname=~"MrMllm.*",alertstate="firing"}) or on() vector(0)')],
        kind="stat",
        about="docs/operate.md says what each means.",
    ),
]

_TRAFFIC = [
    Panel("Requests by RPC", [Query("sum by (method) (rate(mrmllm_requests_total{@}[~]))", "{{method}}")], "reqps"),
    Panel(
        "Requests that did not end with OK, by code",
        [Query('sum by (code) (rate(mrmllm_requests_total{@,code!="OK"}[~])) or on() vector(0)', "{{code}}")],
        "reqps",
    ),
    Panel(
        "Turned away before any work, by reason",
        [Query("sum by (reason) (rate(mrmllm_rejections_total{@}[~])) or on() vector(0)", "{{reason}}")],
        "reqps",
        about="invalid: the caller's fault; overload, deadline: no room; not_accepting: draining.",
    ),
    Panel(
        "Requests by replica",
        [Query("sum by (instance) (rate(mrmllm_requests_total{@}[~]))", "{{instance}}")],
        "reqps",
        about="Uneven: a balancer that spreads connections rather than requests.",
    ),
    Panel(
        "Error ratio by window",
        [
            Query(f"job:mrmllm_request_errors:ratio_rate{window}{{{_RULE}}}", f"{{{{job}}}} {window}")
            for window in ("5m", "1h", "6h")
        ],
        "percentunit",
        about="The alerts on the error budget compare pairs of these.",
    ),
    Panel(
        "Boxes without the answer asked for",
        [Query("sum by (instance) (rate(mrmllm_degraded_total{@}[~]))", "{{instance}}")],
        "reqps",
        about="Callers that set allow_degraded, and time was too short.",
    ),
]

_LATENCY = [
    Panel("p50 by RPC", [percentile(0.5, "mrmllm_request_duration_seconds", "method", "{{method}}")], "s"),
    Panel("p99 by RPC", [percentile(0.99, "mrmllm_request_duration_seconds", "method", "{{method}}")], "s"),
    Panel(
        "To the first token",
        [
            percentile(0.5, "mrmllm_time_to_first_token_seconds", "", "p50"),
            percentile(0.99, "mrmllm_time_to_first_token_seconds", "", "p99"),
        ],
        "s",
    ),
    Panel(
        "For each further token",
        [
            percentile(0.5, "mrmllm_time_per_output_token_seconds", "", "p50"),
            percentile(0.99, "mrmllm_time_per_output_token_seconds", "", "p99"),
        ],
        "s",
    ),
    Panel(
        "p99 of the wait for the first step, by stage",
        [percentile(0.99, "mrmllm_queue_wait_seconds", "stage", "{{stage}}")],
        "s",
    ),
    Panel("Resident memory", [Query("mrmllm_resident_memory_bytes{@}", "{{instance}}")], "bytes"),
]

_CALLERS = [
    Panel(
        "Calls not let in, by reason",
        [Query("sum by (reason) (rate(mrmllm_auth_failures_total{@}[~])) or on() vector(0)", "{{reason}}")],
        "reqps",
    ),
    Panel(
        "Until the certificate expires",
        [Query("mrmllm_tls_certificate_expiry_timestamp_seconds{@} - time()", "{{instance}}")],
        "s",
        about="Of the replicas that have one: without TLS nothing is here.",
    ),
    Panel(
        "Trace spans by outcome",
        [Query("sum by (outcome) (rate(mrmllm_trace_spans_total{@}[~])) or on() vector(0)", "{{outcome}}")],
        "ops",
        about="Other than exported: the collector is away, or too slow.",
    ),
    Panel(
        "Log lines lost",
        [Query("sum by (instance) (rate(mrmllm_log_lines_lost_total{@}[~]))", "{{instance}}")],
        "ops",
        about="Nobody reads the log, or its disk is full.",
    ),
]

DASHBOARD = Dashboard(
    "service",
    "MR-MLLM / Service",
    "Does the service answer, how fast, and whom did it turn away?",
    {"Now": _NOW, "Traffic": _TRAFFIC, "Latency and memory": _LATENCY, "Callers, traces and logs": _CALLERS},
)
