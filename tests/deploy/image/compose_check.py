# SPDX-License-Identifier: Apache-2.0
"""What docker/compose.yaml promises: nothing privileged, nothing boundless, everything it mounts or names is there."""

import pathlib
import re
import sys

import yaml

_ROOT = pathlib.Path(__file__).resolve().parents[3]
_FOLDER = _ROOT / "docker"


def faults_of(name, service):
    if service.get("read_only") is not True or service.get("cap_drop") != ["ALL"]:
        yield f"{name}: expected a read-only root without capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield f"{name}: expected no-new-privileges"
    for limit in ("mem_limit", "cpus", "pids_limit", "healthcheck"):
        if limit not in service:
            yield f"{name}: expected {limit}"
    for port in service.get("ports", []):
        if not port.startswith("127.0.0.1:"):
            yield f"{name}: expected a port of 127.0.0.1, got {port}"
    if not re.search(r":[\w.-]+\}?$", service["image"]) or "latest" in service["image"]:
        yield f"{name}: expected a version of the image, got {service['image']}"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith(".") and not (_FOLDER / source).is_dir():
            yield f"{name}: {source} is not there"


def main():
    services = yaml.safe_load((_FOLDER / "compose.yaml").read_text())["services"]
    faults = [fault for name, service in services.items() for fault in faults_of(name, service)]
    # Prometheus finds the replicas, and Grafana finds Prometheus, by the services' names.
    scraped = yaml.safe_load((_ROOT / "deploy/prometheus/prometheus.yaml").read_text())["scrape_configs"][0]
    if scraped["dns_sd_configs"][0]["names"] != ["mrmllm"] or "mrmllm" not in services:
        faults.append("deploy/prometheus/prometheus.yaml scrapes another name than the service's")
    source = yaml.safe_load((_ROOT / "deploy/grafana/provisioning/datasources/prometheus.yaml").read_text())
    if source["datasources"][0]["url"] != "http://prometheus:9090" or "prometheus" not in services:
        faults.append("deploy/grafana/provisioning asks another Prometheus than the service")
    print("\n".join(faults) or f"compose: {len(services)} services, no finding")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
