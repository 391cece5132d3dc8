# SPDX-License-Identifier: Apache-2.0
"""Keeps a server busy with clients of every kind, then looks whether it is as it was before.

  soak.py --binary mrmllm_server --bundle FOLDER [--minutes 10 | --seconds 25]

The server listens on 127.0.0.1 only, on free ports. The exit code is 0 only when nothing was wrong; what was is printed.
"""

import argparse
import collections
import itertools
import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests" / "quality"))

import contract  # noqa: E402
import server_process  # noqa: E402
import verdict  # noqa: E402
from service_client import ServiceClient  # noqa: E402
from traffic import ACTS, OK, Act, Client, load_photos  # noqa: E402
from watch import Server, Watch  # noqa: E402

# Small, so that caches are full, and evict, from the first minute on.
SETTINGS = ["cache.capacity_bytes=33554432", "cache.time_to_live=20s", "admission.max_requests=48"]
READINGS = 300
IDLE_SECONDS = 30
JOIN_SECONDS = 180
# Each good end of these is one good answer of the server.
ONE_ANSWER = ("detect", "ask", "perceive", "answer stream", "slow reader")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=10)
    length.add_argument("--seconds", type=float)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/server/mrmllm_server")
    parser.add_argument("--bundle", type=pathlib.Path, default=ROOT / "build/bundles/coco-135m")
    parser.add_argument("--photos", type=pathlib.Path, default=ROOT / "docs/photos")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/soak")
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument(
        "--tolerance-mib",
        type=float,
        default=verdict.MEMORY_TOLERANCE_MIB,
        help=f"memory may grow by this and {100 * verdict.MEMORY_TOLERANCE_SHARE:.0f} %% from the first third to the last",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="A.B=C", help="a setting for the server")
    return parser.parse_args()


class Load:
    """The clients, each on a thread of its own, from start() until stop()."""

    def __init__(self, address: str, stubs, photos: list[bytes], options: argparse.Namespace):
        self._clients = [Client(address, stubs, photos, f"{options.seed}.{i}") for i in range(options.clients)]
        self._threads = [threading.Thread(target=self._run, args=(client,), daemon=True) for client in self._clients]
        self._done = threading.Event()
        self._lock = threading.Lock()
        self.counts: dict[str, collections.Counter] = {act.name: collections.Counter() for act in ACTS}
        self.faults: list[str] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Lets every client end what it is doing."""
        self._done.set()
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        stuck = sum(thread.is_alive() for thread in self._threads)
        if stuck:
            self.faults.append(f"{stuck} clients still wait for the server after {JOIN_SECONDS} s")
            return
        for client in self._clients:
            client.close()

    @property
    def sent(self) -> int:
        return sum(client.requests for client in self._clients)

    def _run(self, client: Client) -> None:
        weights = list(itertools.accumulate(act.weight for act in ACTS))
        while not self._done.is_set():
            act = client.random.choices(ACTS, cum_weights=weights)[0]
            self._perform(act, client)

    def _perform(self, act: Act, client: Client) -> None:
        try:
            code = act.do(client)
        except Exception as error:  # a client that fails in its own way is a finding too
            with self._lock:
                self.faults.append(f"{act.name}: {type(error).__name__}: {error}")
            return
        with self._lock:
            self.counts[act.name][code] += 1


def await_loaded(address: str, stubs) -> None:
    client = ServiceClient(address, stubs)
    client.wait_until_loaded()
    client.close()


def await_idle(server: Server) -> list[str]:
    """What is still held IDLE_SECONDS after the last client went."""
    deadline = time.monotonic() + IDLE_SECONDS
    while (left := verdict.leftovers(server.metrics())) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def still_answers(address: str, stubs, photos: list[bytes]) -> list[str]:
    client = Client(address, stubs, photos, "last")
    faults = []
    for act in ACTS:
        if act.name in ("detect", "answer stream") and (code := act.do(client)) != OK:
            faults.append(f"afterwards, {act.name} ended with {code.name}")
    client.close()
    return faults


def soak(options: argparse.Namespace, seconds: float) -> list[str]:
    options.out.mkdir(parents=True, exist_ok=True)
    photos = load_photos(options.photos)
    stubs = contract.generate(ROOT / "proto", options.out / "stubs")
    metrics_port = options.out / "metrics.port"
    metrics_port.unlink(missing_ok=True)
    settings = [*SETTINGS, f"metrics.port_file={metrics_port}", *options.set]
    with server_process.started(options.binary, options.bundle, options.out, settings) as (address, process):
        server = Server(f"127.0.0.1:{metrics_port.read_text().strip().rpartition(':')[2]}", process.pid)
        await_loaded(address, stubs)
        load = Load(address, stubs, photos, options)
        watch = Watch(server, max(seconds / READINGS, 0.25))
        print(f"==> {options.clients} clients for {seconds:.0f} s at {address}", flush=True)
        load.start()
        watch.start()
        time.sleep(seconds)
        watch.stop()
        load.stop()
        left = await_idle(server)
        answered = sum(load.counts[name][OK] for name in ONE_ANSWER)
        counted_line, counted = verdict.accounting(load.sent, answered, server.metrics())
        memory_line, grown = verdict.memory(watch.readings, options.tolerance_mib)
        faults = [*load.faults, *watch.failures, *left, *counted, *grown]
        faults += verdict.outcomes(load.counts, {act.name: set(act.may_end) for act in ACTS})
        faults += still_answers(address, stubs, photos)
    if process.returncode != 0:
        faults.append(f"the server ended with {process.returncode}")
    print_counts(load.counts)
    print(f"{counted_line}\n{memory_line}")
    return faults


def print_counts(counts: dict[str, collections.Counter]) -> None:
    for name, codes in counts.items():
        text = ", ".join(f"{count} {code.name}" for code, count in codes.most_common())
        print(f"  {name:<16}{sum(codes.values()):>7}   {text}")


def main() -> int:
    options = parse_arguments()
    seconds = options.seconds or 60 * options.minutes
    faults = soak(options, seconds)
    for fault in faults[:20]:
        print(f"FAULT: {fault}")
    if len(faults) > 20:
        print(f"... and {len(faults) - 20} more")
    print("FAILED" if faults else "passed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
