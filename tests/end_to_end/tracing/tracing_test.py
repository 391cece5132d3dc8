# SPDX-License-Identifier: Apache-2.0
"""The real server and a collector: what a trace shows, and what a collector that is down does to a client.

tracing_test.py SERVER BUNDLE PHOTO WORK_FOLDER
"""

import json
import pathlib
import re
import sys
import time
import unittest
import urllib.request

SERVER, BUNDLE, PHOTO, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests" / "quality"))

import grpc  # noqa: E402

import contract  # noqa: E402
import server_process  # noqa: E402
from otlp_receiver import Receiver, texts  # noqa: E402

CALL_SECONDS = 120
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
STAGES = ["image_decode", "queue", "perceive", "look_again", "queue", "prefill", "decode"]
QUESTION = "What is in the picture?"


def stubs():
    return contract.generate(ROOT / "proto", WORK / "stubs")


CONTRACT = stubs()


def settings(receiver: Receiver) -> list[str]:
    return [
        f"tracing.endpoint={receiver.endpoint}",
        "tracing.export_timeout=2s",
        f"metrics.port_file={WORK / 'metrics.port'}",
        "log.format=json",
        "second_look.mode=always",
    ]


def log_lines() -> list[dict]:
    lines = (WORK / "server.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def await_message(message: str) -> None:
    deadline = time.monotonic() + CALL_SECONDS
    while message not in [line["message"] for line in log_lines()]:
        assert time.monotonic() < deadline, f"the log never said '{message}'"
        time.sleep(0.1)


def spans_counted(outcome: str) -> float:
    port = (WORK / "metrics.port").read_text().strip()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        found = re.search(rf'mrmllm_trace_spans_total{{outcome="{outcome}"}} (\S+)', page.read().decode())
    return float(found[1]) if found else 0


class Caller:
    """One client; its calls carry the trace context that they are given."""

    def __init__(self, address: str):
        self._stub = CONTRACT.service.MrMllmServiceStub(grpc.insecure_channel(address))
        self._image = CONTRACT.messages.Image(content=PHOTO.read_bytes())

    def perceive_and_answer(self, trace_id: str = TRACE, sampled: bool = True):
        request = CONTRACT.messages.PerceiveAndAnswerRequest(images=[self._image], question=QUESTION)
        return self._stub.PerceiveAndAnswer(request, timeout=CALL_SECONDS, metadata=context(trace_id, sampled))

    def detect_frames(self, count: int, trace_id: str):
        request = CONTRACT.messages.DetectStreamRequest(image=self._image)
        frames = iter([request] * count)
        return list(self._stub.DetectStream(frames, timeout=CALL_SECONDS, metadata=context(trace_id, True)))


def context(trace_id: str, sampled: bool) -> list[tuple[str, str]]:
    return [("traceparent", f"00-{trace_id}-{CALLER}-0{int(sampled)}"), ("tracestate", "vendor=1")]


class TracingTest(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.receiver.start()
        self.addCleanup(self.receiver.stop)

    def test_a_request_is_a_span_below_its_caller_with_its_stages_inside(self):
        with server_process.running(SERVER, BUNDLE, WORK, settings(self.receiver)) as address:
            caller = Caller(address)
            reply = caller.perceive_and_answer()
            spans = self.receiver.spans_of(TRACE, 1 + len(STAGES))
            frames_trace = "5" * 32
            caller.detect_frames(3, frames_trace)
            frames = self.receiver.spans_of(frames_trace, 3)
            caller.perceive_and_answer(trace_id="6" * 32, sampled=False)
        # The server has ended, so nothing more comes.
        self.assertEqual(self.receiver.spans_of("6" * 32, 1, seconds=0), [])

        request = next(span for span in spans if span.name == "mrmllm.v1.MrMllmService/PerceiveAndAnswer")
        self.assertEqual(request.parent_span_id.hex(), CALLER)
        self.assertEqual(request.trace_state, "vendor=1")
        facts = texts(request.attributes)
        self.assertEqual(facts["rpc.grpc.status_code"], 0)
        self.assertEqual(facts["gen_ai.usage.input_tokens"], reply.usage.prompt_token_count)
        self.assertEqual(facts["gen_ai.usage.output_tokens"], reply.usage.answer_token_count)
        self.assertEqual([event.name for event in request.events], ["first_token"])

        stages = sorted((span for span in spans if span is not request), key=lambda span: span.start_time_unix_nano)
        self.assertEqual([span.name for span in stages], STAGES)
        for span in stages:
            self.assertEqual(span.parent_span_id, request.span_id)
            self.assertGreaterEqual(span.start_time_unix_nano, request.start_time_unix_nano)
            self.assertLessEqual(span.end_time_unix_nano, request.end_time_unix_nano)
        self.assertNotIn(QUESTION, str(spans))
        self.assertEqual(self.receiver.resources[0]["service.name"], "mrmllm")

        requests = [span for span in frames if span.name == "mrmllm.v1.MrMllmService/DetectStream"]
        self.assertEqual(len({span.span_id for span in requests}), 3)
        self.assertEqual({span.parent_span_id.hex() for span in requests}, {CALLER})

        line = next(line for line in log_lines() if line.get("method") == "PerceiveAndAnswer")
        self.assertEqual(line["trace_id"], TRACE)
        self.assertEqual(line["span_id"], request.span_id.hex())

    def test_a_collector_that_is_down_harms_no_request_and_one_that_comes_back_gets_the_spans(self):
        self.receiver.stop()
        with server_process.started(SERVER, BUNDLE, WORK, settings(self.receiver)) as (address, process):
            caller = Caller(address)
            caller.perceive_and_answer()
            await_message("traces are not delivered")
            self.receiver.start()
            self.assertEqual(len(self.receiver.spans_of(TRACE, 1 + len(STAGES))), 1 + len(STAGES))
            self.assertEqual(spans_counted("failed"), 0)
            self.receiver.stop()
            caller.perceive_and_answer(trace_id="7" * 32)
        # The drain has not waited for it longer than export_timeout says, and all is well.
        self.assertEqual(process.returncode, 0)
        self.assertIn("traces are delivered again", [line["message"] for line in log_lines()])
        self.receiver.start()  # for the cleanup


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1])
