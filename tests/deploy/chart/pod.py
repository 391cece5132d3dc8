# SPDX-License-Identifier: Apache-2.0
"""What the chart renders, run by podman instead of a cluster."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile

import yaml

import render

STORE = pathlib.Path(os.environ.get("MRMLLM_IMAGES", render.ROOT / "build/images"))
IMAGE = "localhost/mrmllm:dev"
_ENVIRONMENT = {**os.environ, "CONTAINERS_CONF": str(STORE / "containers.conf")}


def podman(*arguments: str, check=True) -> subprocess.CompletedProcess:
    command = ["podman", "--root", str(STORE / "root"), "--runroot", str(STORE / "run"), "--storage-driver", "overlay"]
    done = subprocess.run([*command, *arguments], env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"podman {' '.join(arguments)}: {done.stderr}")
    return done


def has_image() -> bool:
    return (STORE / "containers.conf").exists() and podman("image", "exists", IMAGE, check=False).returncode == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Played:
    """Objects that podman plays; use it in a `with` statement, which takes them down again."""

    def __init__(self, objects: list[dict]):
        self._file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        yaml.safe_dump_all(objects, self._file)
        self._file.flush()

    def __enter__(self):
        podman("play", "kube", self._file.name)
        return self

    def __exit__(self, *_):
        podman("play", "kube", "--down", self._file.name, check=False)
        self._file.close()


def inspect(container: str) -> dict:
    return json.loads(podman("inspect", container).stdout)[0]


def process_status(container: str) -> dict[str, str]:
    """/proc/PID/status of a container's process, as the kernel tells it."""
    pid = inspect(container)["State"]["Pid"]
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def serves(address: str, service: str) -> bool:
    """The same call as the kubelet's gRPC probe."""
    command = [
        "grpc-health-probe",
        "-addr",
        address,
        "-connect-timeout",
        "1s",
        "-rpc-timeout",
        "2s",
        "-service",
        service,
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
