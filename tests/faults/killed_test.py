# SPDX-License-Identifier: Apache-2.0
"""A server that is killed while it answers: its clients know at once, and the next one starts as if nothing had been."""

import unittest

import grpc

from fault_server import Caller, FaultTest


class KilledTest(FaultTest):
    def test_clients_see_unavailable_and_a_restart_serves(self):
        caller = self.caller()
        answer = caller.stream(tokens=512)
        next(answer)
        port_file = self.work / "server.port"
        self.process.kill()
        with self.assertRaises(grpc.RpcError) as raised:
            list(answer)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.process.wait()

        self.assertTrue(port_file.exists(), "a killed server cannot tidy up")
        port_file.with_name("server.port.partial").write_text("1")  # killed while it wrote
        # On the same address, which the connections of the killed one may still occupy.
        with self.started(f"server.address={self.address}") as (address, _), Caller(address, self.stubs) as again:
            self.assertGreater(len(again.detect().images[0].detections), 0)
            self.assertTrue(again.serving())
            self.assertEqual(address, self.address)
            self.assertFalse(port_file.with_name("server.port.partial").exists())


if __name__ == "__main__":
    unittest.main()
