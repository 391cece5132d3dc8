# SPDX-License-Identifier: Apache-2.0
"""The real server with one thread of its model's stopped: liveness ends, and comes back when the thread goes on; a drain does not
wait for it for ever.

stalled_executor_test.py SERVER CLIENT BUNDLE

The busiest thread in the middle of an answer is stopped as a debugger does it, the others run on. Where that was one of the
executor's helpers that just had no piece of work, the executor does without it, so another one is tried. Skipped (77) where no
process may be traced.
"""

import ctypes
import errno
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import grpc

SERVER, CLIENT, BUNDLE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
SKIPPED = 77
WAIT_SECONDS = 120
STALL_SECONDS = 20  # from a stopped thread to a liveness that ends, on a busy machine too
TRIES = 8
ANSWERS = 24  # short ones: enough that some are still to come when a thread is stopped
WATCH_SECONDS = 0.3
BUSY_TICKS = 3  # of 10 ms, in that time
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"  # HealthCheckResponse
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000  # threads too

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def start() -> tuple[subprocess.Popen, str]:
    settings = {
        "bundle.directory": BUNDLE,
        "server.address": "127.0.0.1:0",
        "metrics.address": "",
        "health.stall_timeout": "2s",
        "drain.delay": "0s",
        "drain.timeout": "1s",
        "log.format": "json",
    }
    command = [str(SERVER)]
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if json.loads(line)["message"] == "serving":
            threading.Thread(target=server.stderr.read, daemon=True).start()  # so that it never waits for a reader
            return server, f"127.0.0.1:{json.loads(line)['port']}"
    raise SystemExit("the server did not start")


def cpu_ticks(process: int) -> dict[int, int]:
    """User time of every thread."""
    ticks = {}
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        ticks[int(task.name)] = int((task / "stat").read_text().rpartition(")")[2].split()[11])
    return ticks


def busiest_thread(process: int) -> int:
    """The one that computes; waits until one does."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        before = cpu_ticks(process)
        time.sleep(WATCH_SECONDS)
        ticks = {thread: now - before.get(thread, 0) for thread, now in cpu_ticks(process).items()}
        busiest = max(ticks, key=ticks.get)
        if ticks[busiest] >= BUSY_TICKS:
            return busiest
    raise AssertionError("no thread was busy")


def ask(address: str) -> subprocess.Popen:
    question = "Tell me a long story about a cow, a horse and a dog who travel around the world."
    command = [
        CLIENT,
        "--server",
        address,
        "--timeout",
        f"{WAIT_SECONDS}s",
        "ask",
        "--max-new-tokens",
        "512",
        "-q",
        question,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def health_becomes(channel: grpc.Channel, wanted: bytes, seconds: float) -> bool:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    deadline = time.monotonic() + seconds
    while check(b"", timeout=10) != wanted:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def ask_and_stall(server: subprocess.Popen, address: str) -> tuple[list[subprocess.Popen], int]:
    """Answers that do not go on, and the thread that they wait for."""
    channel = grpc.insecure_channel(address)
    assert health_becomes(channel, SERVING, WAIT_SECONDS), "the server does not serve"
    for _ in range(TRIES):
        answers = [ask(address) for _ in range(ANSWERS)]
        thread = busiest_thread(server.pid)
        ptrace(PTRACE_SEIZE, thread)
        ptrace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WALL)
        if health_becomes(channel, NOT_SERVING, STALL_SECONDS):
            return answers, thread
        ptrace(PTRACE_DETACH, thread)
        await_answers(answers)
    raise AssertionError("liveness did not end, whichever thread was stopped")


def await_answers(answers: list[subprocess.Popen]) -> None:
    for answer in answers:
        assert answer.wait(WAIT_SECONDS) == 0, answer.stderr.read()


def stop_a_thread_and_watch(server: subprocess.Popen, address: str) -> None:
    answers, thread = ask_and_stall(server, address)
    channel = grpc.insecure_channel(address)
    models = channel.unary_unary("/mrmllm.v1.ModelService/ListModels")(b"", timeout=10)
    assert models, "ListModels must still answer"
    ptrace(PTRACE_DETACH, thread)
    assert health_becomes(channel, SERVING, WAIT_SECONDS), "liveness did not come back"
    await_answers(answers)


def stop_a_thread_and_drain(server: subprocess.Popen, address: str) -> None:
    answers, thread = ask_and_stall(server, address)
    server.terminate()
    deadline = time.monotonic() + WAIT_SECONDS
    while os.waitpid(thread, WALL | os.WNOHANG) == (0, 0):  # a process whose thread is watched ends with that thread
        assert time.monotonic() < deadline, "the server waits for its thread"
        time.sleep(0.1)
    code = server.wait(WAIT_SECONDS)
    assert code == 1, f"the server ended with {code}"
    for answer in answers:
        answer.wait(WAIT_SECONDS)


def main() -> int:
    server, address = start()
    try:
        stop_a_thread_and_watch(server, address)
        server.terminate()
        code = server.wait(WAIT_SECONDS)
        assert code == 0, f"the server ended with {code}"
        server, address = start()
        stop_a_thread_and_drain(server, address)
        return 0
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS):
            raise
        print("no process may be traced here")
        return SKIPPED
    finally:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
