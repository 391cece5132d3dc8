# SPDX-License-Identifier: Apache-2.0
"""Images and containers in the project's own store, through podman."""

import contextlib
import json
import os
import pathlib
import subprocess
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[3]
_STORE = pathlib.Path(os.environ.get("MRMLLM_IMAGES", ROOT / "build" / "images"))
_ENVIRONMENT = {**os.environ, "CONTAINERS_CONF": str(_STORE / "containers.conf")}

# As a cluster that trusts nobody runs it: nothing to write to (not even /tmp), nothing to gain, limits on everything.
LOCKED_DOWN = (
    "--read-only --read-only-tmpfs=false --cap-drop=ALL --security-opt=no-new-privileges --memory=3g --cpus=2 --pids-limit=256"
).split()
GRPC, METRICS = 50051, 9464

# MRMLLM_TEST_IMAGE names another image with the bundle; its sibling without has the suffix -without-bundle.
IMAGE = os.environ.get("MRMLLM_TEST_IMAGE", "localhost/mrmllm:dev")
BARE_IMAGE = f"{IMAGE}-without-bundle"
BUNDLE = "/opt/mrmllm/bundles/coco-135m"
USER = 65532


def podman(*arguments, check=True, timeout=120):
    """What podman printed and said on its error stream, with its exit code."""
    command = ["podman", "--root", str(_STORE / "root"), "--runroot", str(_STORE / "run"), "--storage-driver=overlay"]
    done = subprocess.run([*command, *arguments], env=_ENVIRONMENT, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"podman {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def image_config(image):
    return json.loads(podman("image", "inspect", image).stdout)[0]


@contextlib.contextmanager
def mounted(image):
    """The image's files, as a folder."""
    folder = podman("image", "mount", image).stdout.strip()
    try:
        yield pathlib.Path(folder)
    finally:
        podman("image", "unmount", image, check=False)


class Container:
    """A running container; use it in a `with` statement, which removes it."""

    def __init__(self, image, options=(), arguments=()):
        self.name = f"mrmllm-image-test-{uuid.uuid4().hex[:8]}"
        # In a file of its own: reading logs must not wait for a container that is gone.
        self._log = _STORE / f"{self.name}.log"
        podman(
            *["run", "--detach", "--name", self.name, "--network=podman"],
            *["--log-driver=k8s-file", "--log-opt", f"path={self._log}"],
            *["--publish", f"127.0.0.1::{GRPC}", "--publish", f"127.0.0.1::{METRICS}"],
            *options,
            image,
            *arguments,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        podman("rm", "--force", "--time=0", self.name, check=False)
        self._log.unlink(missing_ok=True)

    def address(self, port=GRPC):
        """Where the mapped port is found from outside."""
        return podman("port", self.name, str(port)).stdout.strip()

    def state(self):
        return json.loads(podman("inspect", self.name).stdout)[0]["State"]

    def logs(self):
        return self._log.read_text() if self._log.exists() else ""

    def is_healthy(self):
        """The image's own health check, as a container engine runs it."""
        return podman("healthcheck", "run", self.name, check=False).returncode == 0

    def wait_until_healthy(self, seconds=120):
        deadline = time.monotonic() + seconds
        while not self.is_healthy():
            if self.state()["Status"] != "running":
                raise RuntimeError(f"the container ended before it was healthy:\n{self.logs()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"not healthy after {seconds} s:\n{self.logs()}")
            time.sleep(0.5)

    def execute(self, *command):
        return podman("exec", self.name, *command, check=False)

    def stop(self, seconds=60):
        """SIGTERM, then how long it took to leave and with which exit code."""
        started = time.monotonic()
        podman("stop", f"--time={seconds}", self.name, timeout=seconds + 30)
        return time.monotonic() - started, self.state()["ExitCode"]
