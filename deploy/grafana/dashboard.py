# SPDX-License-Identifier: Apache-2.0
"""What a dashboard is made of, and Grafana's JSON of it.

In expressions `@` stands for the labels that the dashboard's variables choose, `~` for the range that Grafana finds fit
for a rate:

    Panel("Requests by RPC", [Query("sum by (method) (rate(mrmllm_requests_total{@}[~]))", "{{method}}")], unit="reqps")
"""

import dataclasses
import json

_SELECTOR = 'namespace=~"$namespace",job=~"$job",instance=~"$instance"'
_RATE_INTERVAL = "$__rate_interval"
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 24
_HEIGHTS = {"stat": 4, "timeseries": 8, "bargauge": 8, "table": 8}
_WIDTHS = {"stat": 4, "timeseries": 8, "bargauge": 8, "table": 16}
_SCHEMA = 39


@dataclasses.dataclass(frozen=True)
class Query:
    """An expression, and the name of its series."""

    expression: str
    legend: str = ""

    @property
    def promql(self) -> str:
        return self.expression.replace("@", _SELECTOR).replace("~]", _RATE_INTERVAL + "]")


@dataclasses.dataclass(frozen=True)
class Panel:
    """One picture of one thing. `unit` is Grafana's name: s, bytes, reqps, percentunit, short."""

    title: str
    queries: list[Query]
    unit: str = "short"
    kind: str = "timeseries"
    about: str = ""
    most: float | None = None  # the upper end of the axis, where there is one

    def json(self, number: int, x: int, y: int) -> dict:
        instant = self.kind != "timeseries"
        defaults = {"unit": self.unit, "min": 0} | ({"max": self.most} if self.most is not None else {})
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": _SOURCE,
            "gridPos": {"h": _HEIGHTS[self.kind], "w": _WIDTHS[self.kind], "x": x, "y": y},
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": _OPTIONS[self.kind],
            "targets": [
                {
                    "refId": chr(ord("A") + i),
                    "datasource": _SOURCE,
                    "expr": query.promql,
                    "legendFormat": query.legend or "__auto",
                    "instant": instant,
                    "range": not instant,
                    "format": "table" if self.kind == "table" else "time_series",
                }
                for i, query in enumerate(self.queries)
            ],
        }


_OPTIONS = {
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "none", "graphMode": "none"},
    "bargauge": {"reduceOptions": {"calcs": ["lastNotNull"]}, "orientation": "horizontal", "displayMode": "basic"},
    "table": {"showHeader": True},
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}


@dataclasses.dataclass(frozen=True)
class Dashboard:
    """Rows of panels, in reading order."""

    name: str
    title: str
    about: str
    rows: dict[str, list[Panel]]

    @property
    def panels(self) -> list[Panel]:
        return [panel for panels in self.rows.values() for panel in panels]

    def json(self) -> str:
        document = {
            "uid": f"mrmllm-{self.name}",
            "title": self.title,
            "description": self.about,
            "tags": ["mrmllm"],
            "schemaVersion": _SCHEMA,
            "editable": False,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": _variables()},
            "links": [
                {"type": "dashboards", "tags": ["mrmllm"], "title": "MR-MLLM", "keepTime": True, "includeVars": True}
            ],
            "panels": self._placed(),
        }
        return json.dumps(document, indent=1) + "\n"

    def _placed(self) -> list[dict]:
        placed, y = [], 0
        for title, panels in self.rows.items():
            place = {"h": 1, "w": _COLUMNS, "x": 0, "y": y}
            placed.append(
                {
                    "id": len(placed) + 1,
                    "type": "row",
                    "title": title,
                    "collapsed": False,
                    "gridPos": place,
                    "panels": [],
                }
            )
            x, y, tallest = 0, y + 1, 0
            for panel in panels:
                if x + _WIDTHS[panel.kind] > _COLUMNS:
                    x, y, tallest = 0, y + tallest, 0
                placed.append(panel.json(len(placed) + 1, x, y))
                x, tallest = x + _WIDTHS[panel.kind], max(tallest, _HEIGHTS[panel.kind])
            y += tallest
        return placed


def _variables() -> list[dict]:
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return [
        source,
        _variable("namespace", "label_values(mrmllm_build_info, namespace)"),
        _variable("job", 'label_values(mrmllm_build_info{namespace=~"$namespace"}, job)'),
        _variable("instance", 'label_values(mrmllm_build_info{namespace=~"$namespace",job=~"$job"}, instance)'),
    ]


def _variable(name: str, query: str) -> dict:
    return {
        "name": name,
        "label": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",  # also where the label is absent, as namespace is outside Kubernetes
        "current": {"text": "All", "value": "$__all"},
    }
