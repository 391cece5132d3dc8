# SPDX-License-Identifier: Apache-2.0
"""A request that needs more memory than there is fails alone."""

import pathlib
import resource
import struct
import unittest
import zlib

import grpc

from fault_server import FaultTest

ROOM = 96 << 20  # address space that is left: too little for the picture, enough for everything else
SIDE = 7000  # pixels; decoded, 147 MB


def black_png(side: int) -> bytes:
    """A picture that is small as a file and large in memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(side * (3 * side + 1)), 9)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class MemoryTest(FaultTest):
    def test_one_request_fails_and_the_server_goes_on(self):
        caller = self.caller()
        caller.detect()
        picture = black_png(SIDE)
        used = self.address_space()
        resource.prlimit(self.process.pid, resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))
        with self.assertRaises(grpc.RpcError) as raised:
            caller.detect(picture)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("not enough memory to decode the image", raised.exception.details())
        self.assert_goes_on()
        resource.prlimit(self.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(caller.detect(picture).images[0].image.width, SIDE)

    def address_space(self) -> int:
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[0])
        return pages * resource.getpagesize()


if __name__ == "__main__":
    unittest.main()
