# SPDX-License-Identifier: Apache-2.0
"""Services under the same load: ours, and the glued one."""

import contextlib
import json
import subprocess
import time

import programs
import service_process
from programs import ROOT, Plan
from service_process import Service

LEVELS = ("1", "4", "16", "64")
MAX_NEW_TOKENS = 64
# Of the glued service, found by trying: see tests/bench/README.md.
GLUED_OPTIONS = ["--format", "BF16", "--unified"]
QUESTIONS_ASKED = ("What is in the picture?", "What is the largest thing in the picture?")


def our_server(plan: Plan) -> contextlib.AbstractContextManager[Service]:
    port_file = plan.work / "server.port"
    command = [str(programs.BUILD / "server" / "mrmllm_server")]
    for setting in (
        f"bundle.directory={programs.BUNDLE}",
        f"device.threads={plan.threads}",
        "server.address=127.0.0.1:0",
        f"server.port_file={port_file}",
        "metrics.address=127.0.0.1:0",
        "drain.delay=0s",
    ):
        command += ["--set", setting]
    return service_process.running(command, port_file, plan.work / "server.log")


def glued_service(plan: Plan) -> contextlib.AbstractContextManager[Service]:
    port_file = plan.work / "glued.port"
    work = plan.work / "peers"
    command = [str(programs.PEER_PYTHON), str(programs.PEERS / "glued_service.py"), "--threads", str(plan.threads)]
    command += ["--model-packages", str(programs.site_packages()), "--work", str(work)]
    command += ["--port-file", str(port_file), *GLUED_OPTIONS]
    return service_process.running(command, port_file, plan.work / "glued.log")


def load(service: Service, clients: str, plan: Plan) -> dict:
    """One level of `mrmllm bench`: PerceiveAndAnswer about pictures that the service has never seen."""
    seconds = {"1": 6, "4": 8, "16": 12, "64": 16}[clients] / (2 if plan.quick else 1)
    out = plan.work / "load.json"
    command = [str(programs.BUILD / "client" / "mrmllm"), "bench", "--server", service.address, "--clients", clients]
    command += ["--duration", f"{seconds}s", "--max-new-tokens", str(MAX_NEW_TOKENS), "--timeout", "120s"]
    command += ["--json", str(out), str(programs.PHOTOS)]
    cpu = service.cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not out.is_file() or done.returncode not in (0, 1):
        raise SystemExit(f"mrmllm bench ended with {done.returncode}: {done.stderr[-2000:]}")
    cpu = service.cpu_seconds() - cpu
    level = json.loads(out.read_text())["levels"][0]
    out.unlink()
    return summary(level, cpu)


def summary(level: dict, cpu_seconds: float) -> dict:
    """What the comparison needs of one level. CPU time is divided by all requests that it went to, the warm-up too."""
    all_ = level["all"]
    served = all_["ok"] + int(level["clients"])  # the load tool warms up with one request a client
    return {
        "requests_per_second": all_["requests_per_second"],
        "p50_ms": all_["latency_ms"]["p50"],
        "p99_ms": all_["latency_ms"]["p99"],
        "first_token_p50_ms": all_["first_token_ms"]["p50"],
        "answer_tokens": all_["answer_tokens_per_second"] / all_["requests_per_second"],
        "requests": all_["ok"],
        "failed": all_["ended"] - all_["ok"],
        "cpu_seconds_per_request": cpu_seconds / served,
    }


def service(plan: Plan, with_peers: bool) -> dict:
    """Both services are up all the time; only one of them has anything to do."""
    with contextlib.ExitStack() as stack:
        sides = {"ours": stack.enter_context(our_server(plan))}
        if with_peers:
            sides["glued"] = stack.enter_context(glued_service(plan))
        runs: dict[str, dict[str, list[dict]]] = {side: {} for side in sides}
        result = {"service": runs, "resources": {}}
        for clients in LEVELS:
            for _ in range(plan.rounds):
                for side, running in sides.items():
                    run = load(running, clients, plan)
                    runs[side].setdefault(clients, []).append(run)
                    print(f"    {side}, {clients} clients: {run['requests_per_second']:.2f} requests/s", flush=True)
        for side, running in sides.items():
            result["resources"][side] = {
                "start_seconds": running.start_seconds,
                "resident_bytes": running.resident_bytes(),
                "peak_resident_bytes": running.peak_resident_bytes(),
            }
        return result


def second_question(plan: Plan) -> dict:
    """Time to the first token of two questions about pictures that are new with the first."""
    with our_server(plan) as service:
        return {"second_question": _two_questions(service, plan)}


def _two_questions(service: Service, plan: Plan) -> dict[str, list[float]]:
    import grpc

    import contract  # of tests/quality, where service_process looks too

    stubs = contract.generate(ROOT / "proto", plan.work / "stubs")
    first_ms, second_ms = [], []
    with grpc.insecure_channel(service.address) as channel:
        stub = stubs.service.MrMllmServiceStub(channel)
        for round_ in range(2 if plan.quick else 5):
            for path in sorted(programs.PHOTOS.glob("*.jpg")):
                image = stubs.messages.Image(content=path.read_bytes() + f"{round_} {time.time_ns()}".encode())
                times = []
                for question in QUESTIONS_ASKED:
                    waited, image_id = _first_token(stub, stubs.messages, image, question)
                    times.append(waited * 1e3)
                    image = stubs.messages.Image(image_id=image_id)
                first_ms.append(times[0])
                second_ms.append(times[1])
    return {"first_ms": first_ms, "second_ms": second_ms}


def _first_token(stub, messages, image, question: str) -> tuple[float, str]:
    request = messages.AskStreamRequest(ask=messages.AskRequest(images=[image], question=question))
    request.ask.generation.max_new_token_count = MAX_NEW_TOKENS
    started = time.perf_counter()
    waited = None
    for event in stub.AskStream(request, timeout=60):
        if waited is None and event.WhichOneof("event") == "text_delta":
            waited = time.perf_counter() - started
        if event.HasField("summary"):
            return waited or time.perf_counter() - started, event.summary.images[0].image_id
    raise SystemExit("AskStream ended without a summary")
