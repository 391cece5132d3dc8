# SPDX-License-Identifier: Apache-2.0
"""The dashboards' JSON is fresh, and every expression in it is sound PromQL about series that exist."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

import panels
import series

sys.path.append(str(series.ROOT / "deploy/grafana"))
import write_dashboards  # noqa: E402


class DashboardsTest(unittest.TestCase):
    def test_json_is_what_the_modules_say(self):
        for dashboard in write_dashboards.DASHBOARDS:
            path = panels.FOLDER / f"{dashboard.name}.json"
            self.assertEqual(path.read_text(), dashboard.json(), "run deploy/grafana/write_dashboards.py")
        self.assertEqual(len(list(panels.FOLDER.glob("*.json"))), len(write_dashboards.DASHBOARDS))

    def test_expressions_name_series_and_labels_that_exist(self):
        for panel in panels.all_panels():
            for expression in panel.expressions:
                with self.subTest(panel=str(panel), expression=expression):
                    self.assertEqual(series.faults(expression), [])

    def test_panels_do_not_overlap_and_have_names_of_their_own(self):
        for name in panels.names():
            taken, titles = set(), set()
            for panel in panels.of(name):
                x, y, w, h = (panel.place[side] for side in "xywh")
                cells = {(column, row) for column in range(x, x + w) for row in range(y, y + h)}
                self.assertFalse(cells & taken, panel)
                self.assertLessEqual(x + w, 24)
                self.assertNotIn(panel.title, titles)
                taken |= cells
                titles.add(panel.title)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_reads_every_expression(self):
        expressions = [text for panel in panels.all_panels() for text in panel.expressions]
        rules = [{"record": f"panel:expression_{i}", "expr": text} for i, text in enumerate(expressions)]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rules.yaml"
            path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
            done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
