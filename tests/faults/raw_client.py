# SPDX-License-Identifier: Apache-2.0
"""A client that speaks HTTP/2 by hand, so that it can stop where a library would go on."""

import socket

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS = 0, 1, 4
_END_STREAM, _END_HEADERS = 1, 4
_INITIAL_WINDOW_SIZE = 4


def connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _field(name: str, value: str) -> bytes:
    """A header field, literal, without indexing and without Huffman coding."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def call(method: str, message: bytes, window: int | None = None) -> bytes:
    """Every byte that a client sends for one call; `window`: how many bytes of a reply it is ready for."""
    settings = b"" if window is None else _INITIAL_WINDOW_SIZE.to_bytes(2, "big") + window.to_bytes(4, "big")
    headers = b"".join(
        _field(name, value)
        for name, value in {
            ":method": "POST",
            ":scheme": "http",
            ":path": method,
            ":authority": "localhost",
            "content-type": "application/grpc",
            "te": "trailers",
        }.items()
    )
    return (
        _PREFACE
        + _frame(_SETTINGS, 0, 0, settings)
        + _frame(_HEADERS, _END_HEADERS, 1, headers)
        + _frame(_DATA, _END_STREAM, 1, b"\0" + len(message).to_bytes(4, "big") + message)
    )


def read_until_closed(connection: socket.socket, seconds: float) -> bytes:
    """What the server sends until it closes; TimeoutError where it does not."""
    connection.settimeout(seconds)
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def read_until(connection: socket.socket, wanted: bytes, seconds: float) -> bytes:
    """What the server sends until `wanted` is in it, or it closes."""
    connection.settimeout(seconds)
    received = b""
    while wanted not in received and (part := connection.recv(65536)):
        received += part
    return received
