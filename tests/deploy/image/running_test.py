#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built images, run by podman. scripts/image-test builds what this needs and calls it."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.request

from container import BARE_IMAGE, BUNDLE, IMAGE, LOCKED_DOWN, METRICS, ROOT, USER, Container, podman

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


def make_certificates(folder, name):
    """ca.crt, and tls.crt with tls.key that it signed for `name`, readable by the image's user."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl(*"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt".split())
    openssl(*f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout tls.key -out tls.csr".split())
    (folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
    openssl(
        *"x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out tls.crt".split()
    )
    folder.chmod(0o755)
    (folder / "tls.key").chmod(0o644)


def process_status(container):
    lines = pathlib.Path(f"/proc/{container.state()['Pid']}/status").read_text().splitlines()
    return {name: value.split() for name, value in (line.split(":", 1) for line in lines)}


class LockedDown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        arguments = ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=1s"]
        cls.container = cls.enterClassContext(Container(IMAGE, LOCKED_DOWN, arguments))
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
        self.assertEqual(set(status["Uid"]) | set(status["Gid"]), {str(USER)})
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


class MutualTls(unittest.TestCase):
    """The health check as it is, told about TLS by the environment alone."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        make_certificates(pathlib.Path(folder), "inference.example")
        names = {"MRMLLM_TLS_CA": "ca.crt", "MRMLLM_TLS_CERT": "tls.crt", "MRMLLM_TLS_KEY": "tls.key"}
        variables = [f"--env={name}=/etc/mrmllm/tls/{file}" for name, file in names.items()]
        cls.options = [
            *LOCKED_DOWN,
            f"--volume={folder}:/etc/mrmllm/tls:ro",
            "--env=MRMLLM_TLS_SERVER_NAME=inference.example",
        ]
        cls.options += variables
        files = {"certificate_file": "tls.crt", "key_file": "tls.key", "client_ca_file": "ca.crt"}
        settings = [f"tls.{name}=/etc/mrmllm/tls/{file}" for name, file in files.items()]
        settings += ["tls.require_client_certificate=true", "drain.delay=0s"]
        arguments = ["--config", "/etc/mrmllm/config.yaml", *(word for s in settings for word in ("--set", s))]
        cls.container = cls.enterClassContext(Container(IMAGE, cls.options, arguments))

    def test_becomes_healthy(self):
        self.container.wait_until_healthy()

    def test_client_without_certificate_is_refused(self):
        self.container.wait_until_healthy()
        self.assertNotEqual(client(self.container.address(), "health", "--retries", "1").returncode, 0)


class Lifecycle(unittest.TestCase):
    def test_sigterm_lets_a_request_finish_and_ends_with_0(self):
        arguments = ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=2s", "--set", "drain.timeout=30s"]
        with Container(IMAGE, LOCKED_DOWN, arguments) as container:
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
        options = ["--volume", f"{_HOST_BUNDLE}:{BUNDLE}:ro", "--cap-drop=ALL", "--user=0:0"]
        with Container(
            BARE_IMAGE, options, ["--config", "/etc/mrmllm/config.yaml", "--set", "drain.delay=0s"]
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
        with Container(BARE_IMAGE, LOCKED_DOWN) as container:
            self.assertEqual(podman("wait", container.name).stdout.strip(), "1")
            self.assertIn(BUNDLE, container.logs())

    def test_a_wrong_setting_ends_with_2(self):
        with Container(IMAGE, LOCKED_DOWN, ["--set", "no.such=1"]) as container:
            self.assertEqual(podman("wait", container.name).stdout.strip(), "2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
