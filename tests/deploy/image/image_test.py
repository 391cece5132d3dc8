#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built images, looked into and run: scripts/image-test builds what this needs and calls it.

MRMLLM_TEST_IMAGE names the image with the bundle; its sibling without has the suffix -without-bundle.
"""

import json
import os
import pathlib
import stat
import subprocess
import threading
import unittest
import urllib.request

from container import LOCKED_DOWN, METRICS, ROOT, Container, image_config, mounted, podman

_IMAGE = os.environ.get("MRMLLM_TEST_IMAGE", "localhost/mrmllm:dev")
_BARE_IMAGE = f"{_IMAGE}-without-bundle"
_USER = 65532
_MOST_BYTES = 1_200_000_000
_BUNDLE = "/opt/mrmllm/bundles/coco-135m"
_PHOTO = ROOT / "docs" / "photos" / "two_dogs.jpg"
_CLIENT = pathlib.Path(os.environ.get("MRMLLM_CLIENT", ROOT / "build/release/client/mrmllm"))
_GRPCURL = ROOT / ".tools" / "bin" / "grpcurl"
_HOST_BUNDLE = ROOT / "build" / "bundles" / "coco-135m"


def client(address, *arguments):
    """The client command, outside of any container."""
    return subprocess.run([_CLIENT, "--server", address, *arguments], capture_output=True, text=True, timeout=120)


def ask(address):
    done = client(address, "perceive", "--json", "-q", "How many dogs are there?", str(_PHOTO))
    if done.returncode != 0:
        raise AssertionError(f"mrmllm perceive: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def process_status(container):
    lines = pathlib.Path(f"/proc/{container.state()['Pid']}/status").read_text().splitlines()
    return {name: value.split() for name, value in (line.split(":", 1) for line in lines)}


class WhatIsInside(unittest.TestCase):
    def setUp(self):
        context = mounted(_IMAGE)
        self.root = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.files = [path for path in self.root.rglob("*") if not path.is_symlink()]

    def test_image_is_small(self):
        self.assertLess(image_config(_IMAGE)["Size"], _MOST_BYTES)

    def test_variant_without_bundle_has_none(self):
        self.assertTrue((self.root / _BUNDLE[1:] / "model.safetensors").is_file())
        with mounted(_BARE_IMAGE) as bare:
            self.assertEqual(list((bare / "opt/mrmllm/bundles").iterdir()), [])

    def test_there_is_no_shell_nor_any_other_program(self):
        # Some shared libraries carry the mark too; a library cannot be run, and the loader runs nothing that is not there.
        marked = [
            f"/{path.relative_to(self.root)}" for path in self.files if path.is_file() and path.stat().st_mode & 0o111
        ]
        programs = [path for path in marked if ".so" not in path]
        self.assertEqual(sorted(programs), ["/usr/bin/mrmllm", "/usr/bin/mrmllm_server"])

    def test_its_user_can_write_nothing(self):
        modes = [(path, path.stat()) for path in self.files]
        writable = [p for p, s in modes if s.st_mode & 0o022 or s.st_uid == _USER or s.st_gid == _USER]
        privileged = [p for p, s in modes if s.st_mode & (stat.S_ISUID | stat.S_ISGID)]
        self.assertEqual((writable, privileged), ([], []))

    def test_its_user_can_read_everything(self):
        unreadable = [p for p in self.files if not p.stat().st_mode & (0o001 if p.is_dir() else 0o004)]
        self.assertEqual(unreadable, [])

    def test_licences_of_everything_are_inside(self):
        docs = self.root / "usr/share/doc"
        for path in ("mrmllm/LICENSE", "mrmllm/THIRD_PARTY_NOTICES.md", "torch-2.15.0/LICENSE"):
            self.assertTrue((docs / path).is_file(), path)
        packages = [path.name for path in (self.root / "var/lib/dpkg/status.d").iterdir()]
        self.assertIn("libgrpc++1.51", packages)
        self.assertEqual([name for name in packages if not (docs / name / "copyright").is_file()], [])

    def test_labels_and_commands_say_what_it_is(self):
        inspected = image_config(_IMAGE)
        config, labels = inspected["Config"], inspected["Labels"]
        self.assertEqual(config["User"], f"{_USER}:{_USER}")
        self.assertEqual(config["Entrypoint"], ["/usr/bin/mrmllm_server"])
        self.assertEqual(inspected["Healthcheck"]["Test"][:3], ["CMD", "/usr/bin/mrmllm", "health"])
        self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
        self.assertRegex(labels["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")


class LockedDown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        arguments = ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=1s"]
        cls.container = cls.enterClassContext(Container(_IMAGE, LOCKED_DOWN, arguments))
        cls.container.wait_until_healthy()
        cls.address = cls.container.address()

    def test_answers_a_photo_through_the_mapped_port(self):
        reply = ask(self.address)
        labels = [detection["label"] for detection in reply["images"][0]["detections"]]
        self.assertIn("dog", labels)
        self.assertTrue(reply["answer"].strip())

    def test_answers_grpcurl(self):
        done = subprocess.run(
            [_GRPCURL, "-plaintext", self.address, "list"], capture_output=True, text=True, timeout=30
        )
        self.assertIn("mrmllm.v1.MrMllmService", done.stdout, done.stderr)

    def test_client_inside_asks_too(self):
        done = self.container.execute("/usr/bin/mrmllm", "models", "--json")
        self.assertEqual(json.loads(done.stdout)["name"], "coco-135m", done.stderr)

    def test_health_command_fails_where_nobody_answers(self):
        command = ("/usr/bin/mrmllm", "health", "--retries", "1", "--timeout", "2s")
        self.assertEqual(self.container.execute(*command, "--live").returncode, 0)
        self.assertEqual(self.container.execute(*command, "--server", "127.0.0.1:1").returncode, 3)

    def test_metrics_are_served(self):
        with urllib.request.urlopen(f"http://{self.container.address(METRICS)}/metrics", timeout=10) as response:
            self.assertIn(b"mrmllm_build_info", response.read())

    def test_process_is_nobody_and_has_no_privileges(self):
        status = process_status(self.container)
        self.assertEqual(set(status["Uid"]) | set(status["Gid"]), {str(_USER)})
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[capabilities][0], 16), 0, capabilities)
        self.assertEqual(status["NoNewPrivs"], ["1"])

    def test_openmp_threads_sleep(self):
        """The program starts itself anew for that, which must work without a writable root."""
        environment = pathlib.Path(f"/proc/{self.container.state()['Pid']}/environ").read_bytes().split(b"\0")
        self.assertIn(b"OMP_WAIT_POLICY=passive", environment)

    def test_logs_are_json_lines(self):
        # Each line of the log driver begins with a time, a stream and a flag.
        messages = [json.loads(line.split(" ", 3)[3]) for line in self.container.logs().splitlines()]
        self.assertIn("serving", [message["message"] for message in messages])

    def test_there_is_no_shell_to_run(self):
        self.assertNotEqual(self.container.execute("/bin/sh", "-c", "true").returncode, 0)


class Lifecycle(unittest.TestCase):
    def test_sigterm_lets_a_request_finish_and_ends_with_0(self):
        arguments = ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=2s", "--set", "drain.timeout=30s"]
        with Container(_IMAGE, LOCKED_DOWN, arguments) as container:
            container.wait_until_healthy()
            address, replies = container.address(), []
            asking = threading.Thread(target=lambda: replies.append(ask(address)))
            asking.start()
            took, code = container.stop()
            asking.join()
            self.assertEqual(code, 0, container.logs())
            self.assertGreater(took, 1.5)
            self.assertLess(took, 32)
            self.assertEqual(len(replies), 1)

    def test_writes_nothing_even_where_it_could(self):
        """The variant without a bundle, with one mounted, and a root file system that would take everything."""
        options = ["--volume", f"{_HOST_BUNDLE}:{_BUNDLE}:ro", "--cap-drop=ALL", "--user=0:0"]
        with Container(
            _BARE_IMAGE, options, ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=0s"]
        ) as container:
            container.wait_until_healthy()
            ask(container.address())
            # What the engine makes itself to mount things on.
            mounts = ("/etc", "/dev", "/proc", "/sys", "/run", "/opt")
            written = [
                line for line in podman("diff", container.name).stdout.splitlines() if not line[2:].startswith(mounts)
            ]
            self.assertEqual(written, [])
            self.assertEqual(container.stop()[1], 0)

    def test_without_a_bundle_says_which_one_it_misses(self):
        with Container(_BARE_IMAGE, LOCKED_DOWN) as container:
            self.assertEqual(podman("wait", container.name).stdout.strip(), "1")
            self.assertIn(_BUNDLE, container.logs())

    def test_a_wrong_setting_ends_with_2(self):
        with Container(_IMAGE, LOCKED_DOWN, ["--set", "no.such=1"]) as container:
            self.assertEqual(podman("wait", container.name).stdout.strip(), "2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
