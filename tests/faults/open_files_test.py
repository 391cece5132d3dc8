# SPDX-License-Identifier: Apache-2.0
"""More connections than the server may open files: those that are there go on, and others come in when some have left."""

import contextlib
import resource
import time
import unittest

from fault_server import FaultTest
from raw_client import connect

MORE_FILES = 40  # than the server has open when it starts


class OpenFilesTest(FaultTest):
    def test_existing_calls_go_on_and_the_server_recovers(self):
        caller = self.caller()
        caller.detect()
        limit = self.server.open_files() + MORE_FILES
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        answer = caller.stream(tokens=16)
        next(answer)
        with contextlib.ExitStack() as crowd:
            for _ in range(2 * MORE_FILES):
                crowd.enter_context(connect(self.address))
            time.sleep(1)  # the server takes in what it can
            self.assertLessEqual(self.server_files(), limit)
            self.assertGreater(len(list(answer)), 0)
            self.assertGreater(len(caller.detect().images[0].detections), 0)
            self.assertTrue(caller.serving())
        self.assert_goes_on()

    def server_files(self) -> int:
        return self.server.open_files()


if __name__ == "__main__":
    unittest.main()
