# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS and API keys as the chart sets them up: the real server with the rendered configuration, asked by the rendered
probes and the rendered question of `helm test`. Files lie in a scratch folder instead of Secrets."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import yaml

import pod
import render

_KEY = "mrm_a-key-of-the-chart's-test-0123456789abcdef"
_BUNDLE = render.ROOT / "build/bundles/coco-135m"


def openssl(*arguments: str):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder: pathlib.Path, names: list[str]):
    """ca.crt and a tls.crt with tls.key for `names`, for servers and clients: what cert-manager would put there."""
    ca_key, request, extensions = folder / "ca.key", folder / "request.pem", folder / "extensions"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(
        "req",
        "-x509",
        *new_key,
        "-keyout",
        str(ca_key),
        "-out",
        str(folder / "ca.crt"),
        "-subj",
        "/CN=ca",
        "-days",
        "2",
    )
    openssl("req", *new_key, "-keyout", str(folder / "tls.key"), "-out", str(request), "-subj", "/CN=mrmllm")
    extensions.write_text(
        "subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\nextendedKeyUsage=serverAuth,clientAuth\n"
    )
    openssl(
        *["x509", "-req", "-in", str(request), "-CA", str(folder / "ca.crt"), "-CAkey", str(ca_key), "-CAcreateserial"],
        *["-out", str(folder / "tls.crt"), "-days", "1", "-extfile", str(extensions)],
    )


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder, cls.port = pathlib.Path(scratch.name), pod.free_port()
        cls.objects = render.render(
            settings=[
                "tls.enabled=true,tls.requireClientCertificate=true",
                "tls.certManager.enabled=true,tls.certManager.issuerRef.name=ca",
                "auth.existingSecret=callers,test.apiKeySecret.name=key",
                f"config.server.address=0.0.0.0:{cls.port},config.metrics.address=0.0.0.0:{pod.free_port()}",
                f"config.bundle.directory={_BUNDLE}",
                "config.drain.delay=0s",
            ]
        )
        for name in ("tls", "auth", "key"):
            (cls.folder / name).mkdir()
        make_certificates(cls.folder / "tls", render.one(cls.objects, "Certificate")["spec"]["dnsNames"])
        callers = [{"id": "test", "key_hashes": ["sha256:" + hashlib.sha256(_KEY.encode()).hexdigest()], "rpcs": ["*"]}]
        (cls.folder / "auth/callers.yaml").write_text(yaml.safe_dump({"callers": callers}))
        (cls.folder / "key/api-key").write_text(_KEY)
        config = next(thing for thing in cls.objects if "config.yaml" in thing.get("data", {}))["data"]["config.yaml"]
        (cls.folder / "config.yaml").write_text(cls.here(config))
        cls.log = open(cls.folder / "log", "w+")  # noqa: SIM115
        cls.addClassCleanup(cls.log.close)
        command = [os.environ["MRMLLM_SERVER"], "--config", str(cls.folder / "config.yaml")]
        cls.server = subprocess.Popen(command, stdout=cls.log, stderr=subprocess.STDOUT)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.terminate)
        cls.wait_for_start()

    @classmethod
    def here(cls, text: str) -> str:
        """A path or address in the pod, as it is here."""
        places = {
            "/etc/mrmllm/": f"{cls.folder}/",
            "/key/": f"{cls.folder}/key/",
            "/picture/": f"{render.CHART}/files/",
            "/usr/bin/mrmllm": os.environ["MRMLLM_CLIENT"],
            "mrmllm.inference.svc:50051": f"127.0.0.1:{cls.port}",
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    @classmethod
    def run_in_pod(cls, command: list[str]) -> subprocess.CompletedProcess:
        # The test asks a name that only a cluster resolves: the address is another, the certificate's name the same.
        return subprocess.run([cls.here(word) for word in command], capture_output=True, text=True, check=False)

    @classmethod
    def probe(cls, name: str) -> subprocess.CompletedProcess:
        container = render.one(cls.objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
        return cls.run_in_pod(container[name]["exec"]["command"])

    @classmethod
    def wait_for_start(cls):
        end = time.monotonic() + 300
        while cls.probe("startupProbe").returncode != 0:
            if cls.server.poll() is not None or time.monotonic() > end:
                cls.log.seek(0)
                raise RuntimeError(f"the server did not start: {cls.log.read()}")
            time.sleep(0.5)

    def question(self) -> list[str]:
        pods = [thing for thing in self.objects if thing["kind"] == "Pod"]
        return pods[0]["spec"]["containers"][0]["command"]

    def test_the_probes_pass_without_a_key(self):
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertEqual(self.probe(name).returncode, 0, name)

    def test_the_question_is_answered(self):
        done = self.run_in_pod(self.question())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("horse", done.stdout)

    def test_without_a_key_it_is_not(self):
        command = self.question()
        at = command.index("--api-key-file")
        done = self.run_in_pod(command[:at] + command[at + 2 :])
        self.assertIn("UNAUTHENTICATED", done.stderr)

    def test_without_a_certificate_nobody_connects(self):
        command = self.question()
        at = command.index("--tls-cert")
        done = self.run_in_pod(["/usr/bin/mrmllm", "--retries", "1", *command[1:at], *command[at + 4 :]])
        self.assertIn("UNAVAILABLE", done.stderr)

    def test_without_tls_nobody_connects(self):
        self.assertFalse(pod.serves(f"127.0.0.1:{self.port}", ""))


if __name__ == "__main__":
    unittest.main()
