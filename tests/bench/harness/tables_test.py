# SPDX-License-Identifier: Apache-2.0
"""The report and the chart: complete, well-formed, and the same figures in both."""

import unittest
import xml.etree.ElementTree as ElementTree

import chart
import tables


def level(speed: float, p99: float) -> dict:
    return {
        "requests_per_second": speed,
        "p50_ms": p99 / 2,
        "p99_ms": p99,
        "first_token_p50_ms": p99 / 4,
        "answer_tokens": 15.0,
        "requests": 100,
        "failed": 0,
        "cpu_seconds_per_request": 0.25,
    }


def report() -> dict:
    rows = {"decode 1": [200.0, 210.0, 190.0], "decode 8": [500.0], "decode 16": [900.0], "prefill": [1600.0]}
    side = {"resident_bytes": 800 << 20, "peak_resident_bytes": 900 << 20, "start_seconds": 1.25}
    return {
        "machine": {
            "processor": "Chip <7>",
            "cores": "2",
            "extensions": "avx2",
            "memory": "24 GiB",
            "system": "Linux 6",
        },
        "versions": {"openvino": "1"},
        "threads": 2,
        "rounds": 3,
        "results": {
            "language": {
                "tokens_per_second": {"int4": rows},
                "memory_bytes_per_second": [20e9],
                "weight_bytes": {"int4": 80_000_000},
            },
            "language_peer": {"tokens_per_second": {"Q8_0": {name: [100.0] for name in rows}}},
            "detector": {"images_per_second": {"1": [80.0], "8": [100.0]}},
            "detector_peer": {"images_per_second": {"OpenVINO bf16, latency": {"1": [70.0], "8": [110.0]}}},
            "service": {
                "ours": {"1": [level(2, 700)], "16": [level(6, 3000)]},
                "glued": {"1": [level(1, 900)], "16": [level(2, 9000)]},
            },
            "resources": {"ours": side},
            "second_question": {"first_ms": [200.0], "second_ms": [80.0]},
        },
    }


class TablesTest(unittest.TestCase):
    def test_every_goal_stands_in_the_report_with_its_ratio_and_verdict(self):
        text = tables.markdown(report())
        line = next(line for line in text.splitlines() if "detector, batch 8" in line)
        self.assertEqual(
            [cell.strip() for cell in line.strip("|").split("|")],
            ["detector, batch 8", "100 images/s", "110 images/s", "OpenVINO bf16, latency", "0.91", "≥ 1", "**no**"],
        )

    def test_rows_of_a_table_have_as_many_cells_as_its_head(self):
        block = []
        for line in [*tables.markdown(report()).splitlines(), ""]:
            if line.startswith("|"):
                block.append(line.count("|"))
            elif block:
                self.assertEqual(len(set(block)), 1, block)
                block = []

    def test_the_share_of_bandwidth_is_what_one_stream_reads(self):
        self.assertIn("int4 80 %", tables.markdown(report()))

    def test_parts_that_were_not_measured_are_left_out(self):
        alone = report()
        alone["results"] = {"detector": alone["results"]["detector"]}
        text = tables.markdown(alone)
        self.assertIn("## Detector", text)
        self.assertNotIn("Goals", text)

    def test_numbers_have_three_digits(self):
        self.assertEqual([tables.number(value) for value in (0.5, 12.34, 1234.5)], ["0.5", "12.3", "1234"])


class ChartTest(unittest.TestCase):
    def test_it_is_xml_with_two_bars_for_each_comparison(self):
        root = ElementTree.fromstring(chart.svg(report()["results"]))
        bars = [element.get("class") for element in root.iter() if element.tag.endswith("rect")]
        legend = 1
        self.assertEqual(bars.count("ours"), 2 + 4 + 2 + legend)
        self.assertEqual(bars.count("other"), bars.count("ours"))

    def test_no_bar_leaves_the_picture(self):
        root = ElementTree.fromstring(chart.svg(report()["results"]))
        for element in root.iter():
            if element.tag.endswith("rect"):
                end = float(element.get("x")) + float(element.get("width"))
                self.assertLessEqual(end, float(root.get("width")))

    def test_words_from_outside_are_escaped(self):
        results = report()["results"]
        results["detector_peer"] = {"images_per_second": {"<b> & co": {"1": [70.0], "8": [110.0]}}}
        self.assertIn("&lt;b&gt; &amp; co", chart.svg(results))


if __name__ == "__main__":
    unittest.main()
