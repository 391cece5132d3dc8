# SPDX-License-Identifier: Apache-2.0
"""deploy/envoy/envoy.yaml agrees with the server's own defaults, and the real Envoy takes it."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from envoy_process import CONFIG, make_descriptors
from replica import ROOT


def default(setting: str) -> str:
    """From the README's table, which a test compares with the code."""
    return re.search(rf"^\| `{re.escape(setting)}` \| `([^`]*)`", (ROOT / "README.md").read_text(), re.MULTILINE)[1]


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


class EnvoyConfigTest(unittest.TestCase):
    def setUp(self):
        resources = yaml.safe_load(CONFIG.read_text())["static_resources"]
        self.cluster = resources["clusters"][0]
        self.manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]

    def test_a_draining_replica_is_left_before_it_refuses(self):
        check = self.cluster["health_checks"][0]
        slowest = check["unhealthy_threshold"] * (seconds(check["interval"])) + seconds(check["timeout"])
        self.assertLess(slowest, seconds(default("drain.delay")))
        self.assertEqual(check["no_traffic_interval"], check["interval"])

    def test_the_largest_request_can_be_sent_again(self):
        host = self.manager["route_config"]["virtual_hosts"][0]
        self.assertEqual(host["request_body_buffer_limit"], int(default("server.max_message_bytes")))

    def test_the_largest_image_fits_as_base64(self):
        transcoder = self.manager["http_filters"][0]["typed_config"]
        self.assertGreaterEqual(transcoder["max_request_body_size"], int(default("server.max_message_bytes")) * 4 / 3)

    def test_no_more_streams_on_a_connection_than_the_server_takes(self):
        options = next(iter(self.cluster["typed_extension_protocol_options"].values()))
        streams = options["explicit_http_config"]["http2_protocol_options"]["max_concurrent_streams"]
        self.assertLessEqual(streams, int(default("server.max_concurrent_streams")))

    @unittest.skipUnless(shutil.which("envoy"), "Envoy is not installed")
    def test_the_real_envoy_takes_it(self):
        with tempfile.TemporaryDirectory() as folder:
            descriptors = make_descriptors(pathlib.Path(folder) / "mrmllm.pb")
            config = pathlib.Path(folder) / "envoy.yaml"
            config.write_text(CONFIG.read_text().replace("/etc/envoy/mrmllm.pb", str(descriptors)))
            command = ["envoy", "--mode", "validate", "-c", config, "--use-dynamic-base-id"]
            done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
