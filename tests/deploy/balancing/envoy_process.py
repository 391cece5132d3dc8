# SPDX-License-Identifier: Apache-2.0
"""The real Envoy with deploy/envoy/envoy.yaml; only addresses and the place of the descriptor set are changed."""

import json
import pathlib
import subprocess
import time
import urllib.request

import yaml

from replica import ROOT, free_port

CONFIG = ROOT / "deploy/envoy/envoy.yaml"
START_SECONDS = 60


def make_descriptors(path: pathlib.Path) -> pathlib.Path:
    subprocess.run([ROOT / "deploy/envoy/make-descriptors", path], check=True)
    return path


class Envoy:
    """Balances over `backends` (ports of 127.0.0.1) between start() and stop(); `policy` instead of the file's, if given."""

    def __init__(self, backends: list[int], descriptors: pathlib.Path, work: pathlib.Path, policy: str = ""):
        self.port, self._admin_port = free_port(), free_port()
        self._work = work
        self._config = work / "envoy.yaml"
        self._config.write_text(yaml.safe_dump(self._filled(backends, descriptors, policy), sort_keys=False))
        self._process: subprocess.Popen | None = None

    def _filled(self, backends: list[int], descriptors: pathlib.Path, policy: str) -> dict:
        config = yaml.safe_load(CONFIG.read_text())
        resources = config["static_resources"]
        listener, cluster = resources["listeners"][0], resources["clusters"][0]
        config["admin"]["address"] = _loopback(self._admin_port)
        listener["address"] = _loopback(self.port)
        filters = listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
        filters[0]["typed_config"]["proto_descriptor"] = str(descriptors)
        cluster["lb_policy"] = policy or cluster["lb_policy"]
        cluster["load_assignment"]["endpoints"] = [
            {"lb_endpoints": [{"endpoint": {"address": _loopback(port)}} for port in backends]}
        ]
        return config

    def start(self, ready_backends: int) -> None:
        """Returns when so many backends passed their health check."""
        command = ["envoy", "-c", self._config, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "info"]
        with (self._work / "envoy.log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if self.stats().get("cluster.mrmllm.membership_healthy", 0) >= ready_backends:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"Envoy is not ready: {self._work / 'envoy.log'}")

    def stats(self) -> dict[str, int]:
        """Counters and gauges of the cluster, and of the callers' connections."""
        address = f"http://127.0.0.1:{self._admin_port}/stats?format=json"
        with urllib.request.urlopen(address, timeout=5) as reply:
            rows = json.load(reply)["stats"]
        return {row["name"]: row["value"] for row in rows if "name" in row}

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


def _loopback(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
