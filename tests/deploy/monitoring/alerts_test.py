# SPDX-License-Identifier: Apache-2.0
"""Rules and alerts name what exists; alerts are told of, explained and tested both ways."""

import collections
import re
import unittest

import yaml

import series

_GUIDE = series.ROOT / "docs/operate.md"
_HERE = series.ROOT / "tests/deploy/monitoring"
_SEVERITIES = {"critical", "warning"}


def tested() -> dict[str, set[bool]]:
    """By alert: whether a case has it firing, and whether one has it silent where it might have fired."""
    seen = collections.defaultdict(set)
    names = [rule["alert"] for rule in series.rules("alert")]
    for path in _HERE.glob("*_alerts.yaml"):
        for case in yaml.safe_load(path.read_text())["tests"]:
            for check in case.get("promql_expr_test", []):
                pattern = re.search(r'alertname=~?"([^"]+)"', check["expr"])
                if pattern is None:
                    continue
                for name in names:
                    if re.fullmatch(pattern[1], name):
                        seen[name] |= _outcomes(case, check)
            for check in case.get("alert_rule_test", []):
                seen[check["alertname"]].add(bool(check["exp_alerts"]))
    return seen


def _outcomes(case: dict, check: dict) -> set[bool]:
    """With `count by (label)`: silent for every value of the label that the case has and the result has not."""
    fired = len(check["exp_samples"])
    by = re.search(r"by \((\w+)\)", check["expr"])
    candidates = 1
    if by:
        values = (re.search(rf'{by[1]}="([^"]+)"', row["series"]) for row in case["input_series"])
        candidates = len({value[1] for value in values if value})
    return ({True} if fired else set()) | ({False} if fired < candidates else set())


class AlertsTest(unittest.TestCase):
    def test_rules_name_series_and_labels_that_exist(self):
        for rule in series.rules("record") + series.rules("alert"):
            with self.subTest(rule.get("record") or rule["alert"]):
                self.assertEqual(series.faults(rule["expr"]), [])

    def test_every_alert_says_what_and_how_bad_and_where_to_read_on(self):
        for rule in series.rules("alert"):
            with self.subTest(rule["alert"]):
                self.assertIn(rule["labels"]["severity"], _SEVERITIES)
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"})
                self.assertEqual(rule["annotations"]["runbook_url"], f"docs/operate.md#{rule['alert'].lower()}")

    def test_every_alert_has_its_section_in_the_guide_and_no_section_lacks_its_alert(self):
        sections = re.split(r"^### ", _GUIDE.read_text(), flags=re.MULTILINE)
        about = {text.splitlines()[0].strip(): text for text in sections if text.startswith("MrMllm")}
        self.assertEqual(sorted(about), sorted(rule["alert"] for rule in series.rules("alert")))
        for name, text in about.items():
            for part in ("Meaning", "First look", "Remedy"):
                self.assertIn(f"**{part}**", text, name)

    def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(self):
        seen = tested()
        for rule in series.rules("alert"):
            with self.subTest(rule["alert"]):
                self.assertEqual(seen[rule["alert"]], {True, False})


class FaultsTest(unittest.TestCase):
    def test_a_name_or_label_that_does_not_exist_is_a_fault(self):
        good = (
            'sum by (method, job) (rate(mrmllm_requests_total{code="OK", instance=~".*"}[5m])) > 0.5 or on() vector(0)'
        )
        self.assertEqual(series.faults(good), [])
        self.assertEqual(series.faults("rate(mrmllm_request_total[5m])"), ["no series mrmllm_request_total"])
        self.assertEqual(series.faults('mrmllm_kv_blocks{status="total"}'), ["mrmllm_kv_blocks has no label status"])
        self.assertEqual(
            series.faults("sum by (stage) (mrmllm_kv_blocks)"), ["no label stage in any series of the expression"]
        )
        self.assertEqual(series.faults("vector(1)"), ["names no series"])


if __name__ == "__main__":
    unittest.main()
