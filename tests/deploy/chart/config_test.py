# SPDX-License-Identifier: Apache-2.0
"""`config:` reaches the real server as it stands, and the chart adds what it says it adds."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import render


def read_by_server(config: str) -> dict:
    """What the server makes of a configuration file; raises with its words where it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "config.yaml"
        file.write_text(config)
        command = [os.environ["MRMLLM_SERVER"], "--config", str(file), "--print-config"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr + done.stdout)
    return yaml.safe_load(done.stdout)


def config_of(files=(), settings=()) -> str:
    return render.one(
        [thing for thing in render.render(files, settings=settings) if thing.get("data", {}).get("config.yaml")],
        "ConfigMap",
    )["data"]["config.yaml"]


class ConfigTest(unittest.TestCase):
    def test_the_server_takes_every_example_and_says_what_was_asked_for(self):
        for name, files in render.value_files().items():
            with self.subTest(name):
                read = read_by_server(config_of(files))
                asked = (yaml.safe_load(files[0].read_text()).get("config") or {}) if files else {}
                for section, settings in asked.items():
                    for setting, value in settings.items():
                        self.assertEqual(
                            str(read[section][setting]).lower(), str(value).lower(), f"{section}.{setting}"
                        )

    def test_large_numbers_stay_whole(self):
        read = read_by_server(config_of(settings=["config.kv_cache.capacity_bytes=17179869184"]))
        self.assertEqual(read["kv_cache"]["capacity_bytes"], 17179869184)

    def test_the_server_refuses_a_misspelt_setting(self):
        with self.assertRaisesRegex(ValueError, "unknown setting 'scheduler.max_batch_imags'"):
            read_by_server(config_of(settings=["config.scheduler.max_batch_imags=4"]))

    def test_what_is_given_counts_more_than_what_the_chart_decides(self):
        read = read_by_server(config_of(settings=["config.bundle.directory=/models/mine", "config.device.threads=3"]))
        self.assertEqual(read["bundle"]["directory"], "/models/mine")
        self.assertEqual(read["device"]["threads"], 3)

    def test_the_drain_that_the_chart_writes_is_the_servers_own(self):
        own, written = read_by_server(""), read_by_server(config_of())
        self.assertEqual(written["drain"], own["drain"])

    def test_threads_follow_the_cpu_limit(self):
        for limit, threads in (("500m", 1), ("1", 1), ("2500m", 2), ("4", 4), ("16", 14)):
            read = read_by_server(config_of(settings=[f"resources.limits.cpu={limit}"]))
            self.assertEqual(read["device"]["threads"], threads, limit)


if __name__ == "__main__":
    unittest.main()
