# SPDX-License-Identifier: Apache-2.0
"""Every panel of every dashboard against a live Prometheus that scrapes live servers under a varied load: none may be empty.

live_panels.py [--pictures FOLDER]    with it, draws what the panels showed: FOLDER/dashboard_NAME.png
"""

import argparse
import math
import pathlib
import subprocess
import sys
import time
import urllib.request

import grpc

import panels
import series

sys.path.append(str(series.ROOT / "tests/deploy/balancing"))
import varied_load  # noqa: E402
from contract_messages import Contract  # noqa: E402
from envoy_process import make_descriptors  # noqa: E402
from prometheus_process import Prometheus  # noqa: E402
from replica import Replica, free_port  # noqa: E402
from traffic import load_photos  # noqa: E402

WORK = series.ROOT / "build/deploy/dashboards"
# Small, so that a short load fills what in earnest takes hours.
SETTINGS = ("admission.max_requests=8", "scheduler.max_running_sequences=4", "cache.time_to_live=20s", "drain.delay=0s")
LEVELS = [(2, 15), (5, 15), (14, 15), (3, 15)]  # callers and seconds
RATE_INTERVAL = "10s"


def samples(prometheus: Prometheus, panel: panels.Panel, expression: str, began: float, ended: float) -> list[dict]:
    """The series of one expression as Grafana would ask for them, without values that are no numbers."""
    if panel.kind == "timeseries":
        found = prometheus.ask("query_range", query=expression, start=began, end=ended, step=1)
    else:
        found = [one | {"values": [one["value"]]} for one in prometheus.ask("query", query=expression, time=ended)]
    for one in found:
        one["values"] = [(at, float(value)) for at, value in one["values"] if math.isfinite(float(value))]
    return [one for one in found if one["values"]]


def certificate() -> tuple[pathlib.Path, pathlib.Path]:
    """Of 127.0.0.1, by itself, for a month; and its key."""
    path, key = WORK / "tls.crt", WORK / "tls.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(path), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return path, key


def metric_faults(prometheus: Prometheus, servers: list[Replica]) -> list[str]:
    """The scrape against promtool, and the labels of its series against series.py."""
    with urllib.request.urlopen(f"http://127.0.0.1:{servers[0].metrics_port}/metrics") as scrape:
        linted = subprocess.run(["promtool", "check", "metrics"], input=scrape.read(), capture_output=True)
    faults = [f"promtool check metrics: {linted.stderr.decode()}"] if linted.returncode else []
    for name, kind in series.golden_types().items():
        counted = f"{name}_count" if kind == "histogram" else name
        seen = {label for one in prometheus.ask("series", **{"match[]": counted}) for label in one}
        own = seen - series.TARGET - {"__name__"}
        if seen and own != series.LABELS.get(name, set()):
            faults.append(
                f"{name} has the labels {sorted(own)}, series.py says {sorted(series.LABELS.get(name, set()))}"
            )
    return faults


def rule_faults(prometheus: Prometheus) -> list[str]:
    groups = prometheus.ask("rules")["groups"]
    return [
        f"{rule['name']}: {rule['lastError']}" for group in groups for rule in group["rules"] if rule["health"] != "ok"
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=pathlib.Path)
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    contract = Contract(make_descriptors(WORK / "mrmllm.pb"))
    # One of the two sends its spans to a collector that is not there, the other speaks TLS.
    tracing = (f"tracing.endpoint=127.0.0.1:{free_port()}", "tracing.max_queued_spans=64", "tracing.export_timeout=1s")
    path, key = certificate()
    tls = (f"tls.certificate_file={path}", f"tls.key_file={key}")
    trusted = grpc.ssl_channel_credentials(path.read_bytes())
    servers = [Replica("server-0", WORK, SETTINGS + tracing), Replica("server-1", WORK, SETTINGS + tls)]
    prometheus = Prometheus([f"127.0.0.1:{server.metrics_port}" for server in servers], WORK)
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.await_ready()
        prometheus.start()
        began = time.time()
        photos = load_photos(series.ROOT / "docs/photos")
        connect = [
            lambda: grpc.insecure_channel(servers[0].address),
            lambda: grpc.secure_channel(servers[1].address, trusted),
        ]
        varied_load.run(connect, contract, photos, LEVELS)
        ended = time.time()
        faults = metric_faults(prometheus, servers) + rule_faults(prometheus)
        seen, expressions = {}, 0
        for name in panels.names():
            for panel in panels.of(name, RATE_INTERVAL):
                seen[panel.dashboard, panel.title] = []
                for expression, legend in panel.targets:
                    expressions += 1
                    found = samples(prometheus, panel, expression, began, ended)
                    faults += [] if found else [f"{panel} is empty: {expression}"]
                    seen[panel.dashboard, panel.title] += [(legend, one) for one in found]
        if options.pictures:
            import pictures  # matplotlib takes seconds to load

            for name in panels.names():
                pictures.draw(name, panels.of(name), seen, began, options.pictures / f"dashboard_{name}.png")
    finally:
        for part in (prometheus, *servers):
            part.stop()
    for fault in faults:
        print(f"FAULT {fault}")
    print(
        f"{len(seen)} panels, {expressions} expressions: {'all have data' if not faults else f'{len(faults)} faults'}"
    )
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
