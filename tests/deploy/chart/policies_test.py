# SPDX-License-Identifier: Apache-2.0
"""The judgement of policies.py."""

import unittest

import policies

_ENTRY = {"tool": "checkov", "check": "CKV_K8S_8", "object": "Pod/.*-test", "reason": "r"}


class PoliciesTest(unittest.TestCase):
    def test_a_finding_with_a_reason_passes(self):
        self.assertEqual(policies.judge({("checkov", "CKV_K8S_8", "Pod/a-test")}, [_ENTRY]), [])

    def test_one_of_another_object_does_not(self):
        found = {("checkov", "CKV_K8S_8", "Pod/a-test"), ("checkov", "CKV_K8S_8", "Deployment/a")}
        self.assertEqual(policies.judge(found, [_ENTRY]), ["checkov CKV_K8S_8: Deployment/a"])

    def test_a_reason_without_a_finding_does_not(self):
        self.assertEqual(policies.judge(set(), [_ENTRY]), ["no finding needs: checkov CKV_K8S_8 Pod/.*-test"])


if __name__ == "__main__":
    unittest.main()
