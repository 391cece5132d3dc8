# SPDX-License-Identifier: Apache-2.0
"""The check of validate.py sees what it is there for."""

import unittest

import render
import validate


class SchemasTest(unittest.TestCase):
    def setUp(self):
        self.objects = render.render([render.CHART / "examples/one-gpu.yaml"])

    def test_a_typo_in_a_pod_is_a_fault(self):
        deployment = render.one(self.objects, "Deployment")
        deployment["spec"]["template"]["spec"]["hostNetwrok"] = True
        self.assertIn("hostNetwrok", validate.fault_of(deployment, "1.33.0"))

    def test_a_wrong_type_in_a_service_is_a_fault(self):
        service = next(thing for thing in self.objects if thing["kind"] == "Service")
        service["spec"]["ports"][0]["port"] = "grpc"
        self.assertIsNotNone(validate.fault_of(service, "1.33.0"))

    def test_a_typo_in_a_monitor_is_a_fault(self):
        monitor = render.one(self.objects, "PodMonitor")
        monitor["spec"]["podMetricsEndpoints"][0]["intervall"] = "15s"
        self.assertIn("intervall", validate.fault_of(monitor, "1.33.0"))

    def test_a_rule_without_an_expression_is_a_fault(self):
        rules = render.one(self.objects, "PrometheusRule")
        del rules["spec"]["groups"][0]["rules"][0]["expr"]
        self.assertIn("expr", validate.fault_of(rules, "1.33.0"))


if __name__ == "__main__":
    unittest.main()
