# SPDX-License-Identifier: Apache-2.0
"""The real Prometheus with deploy/prometheus/; only the targets are named, and everything happens every second."""

import json
import pathlib
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

import series
from replica import free_port

CONFIG = series.ROOT / "deploy/prometheus/prometheus.yaml"
START_SECONDS = 60


class Prometheus:
    def __init__(self, targets: list[str], work: pathlib.Path):
        self._port, self._work = free_port(), work
        config = yaml.safe_load(CONFIG.read_text())
        config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(CONFIG.parent / name) for name in config["rule_files"]]
        job = config["scrape_configs"][0]
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": targets}]
        (work / "prometheus.yaml").write_text(yaml.safe_dump(config))
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        data = self._work / "prometheus-data"
        shutil.rmtree(data, ignore_errors=True)
        command = ["prometheus", f"--config.file={self._work / 'prometheus.yaml'}", f"--storage.tsdb.path={data}"]
        command.append(f"--web.listen-address=127.0.0.1:{self._port}")
        with (self._work / "prometheus.log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.ask("query", query="up"):
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise SystemExit(f"Prometheus is not ready: {self._work / 'prometheus.log'}")

    def ask(self, what: str, **parameters: object) -> object:
        """The result of a query, query_range, ...; the data of anything else."""
        text = urllib.parse.urlencode(parameters, doseq=True)
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/{what}?{text}", timeout=60) as reply:
            data = json.load(reply)["data"]
        return data["result"] if isinstance(data, dict) and "result" in data else data

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
