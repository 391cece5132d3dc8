# SPDX-License-Identifier: Apache-2.0
"""The rendered Deployment, run for real: becomes ready, is locked down, answers `helm test`, drains."""

import os
import subprocess
import threading
import time
import unittest

import pod
import render

_READY = "mrmllm.v1.MrMllmService"
_SERVER = "mrmllm-pod-0-server"  # as podman names the Deployment's container


def waits_for(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


class Calls:
    """Asks again and again on connections of its own, without retries, until told to stop."""

    def __init__(self, address: str):
        self.answered, self.failed = 0, []
        self._address, self._stop = address, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        photo = str(render.CHART / "files/horses.jpg")
        while not self._stop.is_set():
            command = [
                os.environ["MRMLLM_CLIENT"],
                "--server",
                self._address,
                "--retries",
                "1",
                "--timeout",
                "10s",
                "detect",
                photo,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                self.answered += 1
            else:
                self.failed.append(done.stderr)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        self._thread.join()


class PodTest(unittest.TestCase):
    def setUp(self):
        self.port, metrics = pod.free_port(), pod.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.objects = render.render(
            [render.CHART / "examples/laptop.yaml"],
            settings=[
                "image.repository=localhost/mrmllm",
                f"config.server.address=0.0.0.0:{self.port}",
                f"config.metrics.address=0.0.0.0:{metrics}",
                "config.drain.delay=4s",
            ],
        )
        config = next(thing for thing in self.objects if "config.yaml" in thing.get("data", {}))
        self.deployment = render.one(self.objects, "Deployment")
        # podman would start it anew after a drain, as a kubelet does not with a pod that is deleted.
        self.deployment["spec"]["template"]["spec"]["restartPolicy"] = "Never"
        played = pod.Played([config, self.deployment])
        played.__enter__()
        self.addCleanup(played.__exit__)
        startup = self.deployment["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
        limit = startup["periodSeconds"] * startup["failureThreshold"]
        self.assertTrue(waits_for(lambda: pod.serves(self.address, _READY), limit), pod.podman("logs", _SERVER).stdout)

    def test_it_is_ready_alive_and_locked_down(self):
        self.assertTrue(pod.serves(self.address, ""))
        status = pod.process_status(_SERVER)
        self.assertEqual(status["Uid"].split(), ["65532"] * 4)
        self.assertEqual(status["CapEff"], "0" * 16)
        self.assertEqual(status["CapBnd"], "0" * 16)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")
        host = pod.inspect(_SERVER)["HostConfig"]
        self.assertTrue(host["ReadonlyRootfs"])
        self.assertEqual(host["Memory"], 3 << 30)

    def test_the_question_of_helm_test_is_answered(self):
        question = next(thing for thing in self.objects if thing["kind"] == "Pod")
        command = question["spec"]["containers"][0]["command"]
        command[command.index("mrmllm.inference.svc:50051")] = f"127.0.0.1:{self.port}"
        done = self.ask(command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("horse", done.stdout)

    def ask(self, command: list[str]) -> subprocess.CompletedProcess:
        """The test pod's command in a container of the same image, with the picture where the ConfigMap has it."""
        return pod.podman(
            *["run", "--rm", "--pod", "mrmllm-pod-0", "--read-only", "--cap-drop", "all"],
            *["--volume", f"{render.CHART / 'files'}:/picture:ro", "--entrypoint", command[0], pod.IMAGE, *command[1:]],
            check=False,
        )

    def test_a_drain_loses_no_request(self):
        grace = self.deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        with Calls(self.address) as calls:
            self.assertTrue(waits_for(lambda: calls.answered > 2, 30))
            before, started = calls.answered, time.monotonic()
            pod.podman("kill", "--signal", "TERM", _SERVER)
            # What the kubelet and the endpoints see: no longer ready, still alive, still answering who comes.
            self.assertTrue(waits_for(lambda: not pod.serves(self.address, _READY), 2))
            self.assertTrue(pod.serves(self.address, ""))
            self.assertTrue(waits_for(lambda: calls.answered > before + 2, 3))
            calls.stop()
        left = grace - (time.monotonic() - started)
        self.assertTrue(waits_for(lambda: pod.inspect(_SERVER)["State"]["Status"] == "exited", left))
        self.assertEqual(calls.failed, [])
        self.assertEqual(pod.inspect(_SERVER)["State"]["ExitCode"], 0)


if __name__ == "__main__":
    unittest.main()
