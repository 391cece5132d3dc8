# SPDX-License-Identifier: Apache-2.0
"""Drains and restarts replicas one by one under load, then kills them one by one, and counts what became of every request.

roll.py envoy          three replicas behind Envoy
roll.py round_robin    two replicas, balanced by the callers' own gRPC
"""

import json
import pathlib
import sys
import time

from contract_messages import SERVICE, Contract
from envoy_process import Envoy, make_descriptors
from replica import ROOT, Replica
from traffic import Callers, grown, load_photos

CALLERS = 4
BEFORE_SECONDS = 4
DOWN_SECONDS = 3
# Bytes of the photos, at least. What is larger than a buffer on the way is not sent again.
SIZES = (0, 2_000_000, 0, 1_000_000, 0)
SEEN_SECONDS = 60
# Connections end all the time, as in months of real life, and that loses nothing either.
SETTINGS = ("server.max_connection_age=5s",)
# What a caller with gRPC's own balancing sets: spread over all addresses, heed readiness, try again what was not answered.
ROUND_ROBIN = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": SERVICE},
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}


class BehindEnvoy:
    """What callers aim at, and when a replica that came back takes part again."""

    def __init__(self, replicas: list[Replica], descriptors: pathlib.Path, work: pathlib.Path):
        self._envoy = Envoy([replica.port for replica in replicas], descriptors, work)
        self._count = len(replicas)
        self._envoy.start(self._count)
        self.target, self.options = f"127.0.0.1:{self._envoy.port}", []

    def await_all(self) -> None:
        deadline = time.monotonic() + SEEN_SECONDS
        while self._envoy.stats()["cluster.mrmllm.membership_healthy"] < self._count:
            if time.monotonic() > deadline:
                raise SystemExit("Envoy does not see a replica that came back")
            time.sleep(0.1)

    def retried(self) -> str:
        stats = self._envoy.stats()
        return (
            f"Envoy tried {stats['cluster.mrmllm.upstream_rq_retry']} requests again,"
            f" {stats['cluster.mrmllm.upstream_rq_retry_success']} with success"
        )

    def stop(self) -> None:
        self._envoy.stop()


class RoundRobin:
    """The same for callers that balance themselves."""

    def __init__(self, replicas: list[Replica]):
        self.target = "ipv4:" + ",".join(replica.address for replica in replicas)
        self.options = [
            ("grpc.service_config", json.dumps(ROUND_ROBIN)),
            ("grpc.max_reconnect_backoff_ms", 1000),
            # A request is kept for another attempt only up to this size; the default of 256 KiB is less than a photo.
            ("grpc.per_rpc_retry_buffer_size", 33554432),
        ]

    def await_all(self) -> None:
        time.sleep(2)  # a channel looks again after a second at most

    def retried(self) -> str:
        return "gRPC tells nobody how often it tried again"

    def stop(self) -> None:
        pass


def say(text: str) -> None:
    print(text, flush=True)


def roll(replicas: list[Replica], balancer, callers: Callers, kill: bool) -> None:
    for replica in replicas:
        began = time.monotonic()
        if kill:
            replica.kill()
            time.sleep(DOWN_SECONDS)
        elif (code := replica.drain()) != 0:
            raise SystemExit(f"{replica.name} ended its drain with {code}")
        gone = time.monotonic() - began
        replica.start()
        replica.await_ready()
        balancer.await_all()
        time.sleep(BEFORE_SECONDS)
        say(
            f"  {replica.name} {'killed' if kill else 'drained'}, gone after {gone:.1f} s, back after {time.monotonic() - began:.1f} s"
        )


def verdict(callers: Callers, kill: bool) -> list[str]:
    """What may not be. Drained: every request is answered at the first attempt. Killed: only streams that had begun may
    break, and asking again answers them."""
    faults = [f"without an answer: {outcome}" for outcome in callers.tally.given_up]
    for outcome in callers.tally.not_ok:
        if not (kill and outcome.begun and outcome.asks_again):
            faults.append(f"failed: {outcome}")
    return faults


def main() -> int:
    balancing = sys.argv[1]
    work = ROOT / "build/deploy" / balancing
    work.mkdir(parents=True, exist_ok=True)
    descriptors = make_descriptors(work / "mrmllm.pb")
    replicas = [Replica(f"replica-{i}", work, SETTINGS) for i in range(3 if balancing == "envoy" else 2)]
    balancer = callers = None
    faults = []
    try:
        for replica in replicas:
            replica.start()
        for replica in replicas:
            replica.await_ready()
        balancer = BehindEnvoy(replicas, descriptors, work) if balancing == "envoy" else RoundRobin(replicas)
        photos = [grown(photo, size) for photo, size in zip(load_photos(ROOT / "docs/photos"), SIZES, strict=False)]
        callers = Callers(Contract(descriptors), photos, balancer.target, balancer.options, CALLERS)
        callers.start()
        time.sleep(BEFORE_SECONDS)
        for kill in (False, True):
            say(f"{'Killing' if kill else 'Draining'} {len(replicas)} replicas one by one, {CALLERS} callers at work:")
            callers.tally.reset()
            roll(replicas, balancer, callers, kill)
            for line in [*callers.tally.lines(), f"  {balancer.retried()}"]:
                say(line)
            faults += verdict(callers, kill)
    finally:
        for part in (callers, balancer, *replicas):
            if part is not None:
                part.stop()
    for fault in faults[:20]:
        say(f"FAULT {fault}")
    say("no request failed on drain; on kill every one was answered" if not faults else f"{len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
