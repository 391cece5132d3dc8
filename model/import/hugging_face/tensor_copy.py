# SPDX-License-Identifier: Apache-2.0
"""Copying a tensor out of a checkpoint piece by piece, in another dtype where asked; every value must be finite."""

import numpy as np

import bundle_files
from hugging_face.refusal import Refusal

FLOATS = {"F32": (np.dtype("<u4"), 0x7F800000), "F16": (np.dtype("<u2"), 0x7C00), "BF16": (np.dtype("<u2"), 0x7F80)}
BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_PIECE_BYTES = 32 * 1024 * 1024


def pieces(entry, dtype):
    """Yields the bytes of `entry` as `dtype`, a few at a time: memory never holds more than a piece."""
    words, _ = FLOATS[entry.dtype]
    with open(entry.path, "rb") as file:
        file.seek(entry.begin)
        left = entry.size
        while left > 0:
            piece = file.read(min(left, _PIECE_BYTES))
            if not piece:
                raise Refusal(entry.path, f"tensor '{entry.name}': the file ended while it was read")
            left -= len(piece)
            _check_finite(entry, entry.dtype, piece, "holds a value that is not finite")
            if dtype != entry.dtype:
                piece = _converted(np.frombuffer(piece, words), entry.dtype, dtype)
                _check_finite(entry, dtype, piece, f"holds a value too large for {dtype}")
            yield piece


def values(entry):
    """The whole tensor as float32."""
    data = b"".join(pieces(entry, "F32"))
    return np.frombuffer(data, np.float32).reshape(entry.shape)


def _check_finite(entry, dtype, piece, what):
    words, exponent = FLOATS[dtype]
    bits = np.frombuffer(piece, words)
    if ((bits & words.type(exponent)) == exponent).any():
        raise Refusal(entry.path, f"tensor '{entry.name}': {what}")


def _converted(bits, source, target):
    if source == "BF16":
        floats = (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)
    else:
        floats = bits.view(np.float32 if source == "F32" else np.float16).astype(np.float32)
    if target == "BF16":
        return bundle_files.to_bfloat16(np.ascontiguousarray(floats))
    with np.errstate(over="ignore"):
        return floats.astype("<f2" if target == "F16" else "<f4").tobytes()
