# SPDX-License-Identifier: Apache-2.0
"""The header of a safetensors file, checked before any of it is believed."""

import dataclasses
import math
import pathlib

from hugging_face import plain_file, strict_json
from hugging_face.refusal import Refusal, shown

_MAX_TENSORS = 100_000
_MAX_RANK = 16
_MAX_ELEMENTS = 1 << 48
ELEMENT_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Entry:
    """One tensor and where its bytes lie."""

    name: str
    dtype: str
    shape: tuple
    path: pathlib.Path
    begin: int  # in the file
    size: int  # bytes


def read(directory, name):
    """The entries of the file `name`, sorted by place. Reads the header alone, however large the file says it is."""
    path = plain_file.locate(directory, name)
    file_size = path.stat().st_size
    with open(path, "rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise Refusal(path, f"expected a safetensors file of at least 8 bytes, got {len(start)}")
        length = int.from_bytes(start, "little")
        if length > strict_json.MAX_BYTES or length > file_size - 8:
            raise Refusal(
                path,
                f"the header's length says {length} bytes; the file has {file_size} and a header may have "
                f"{strict_json.MAX_BYTES}",
            )
        header = strict_json.parse(path, file.read(length))
    header.pop("__metadata__", None)
    if len(header) > _MAX_TENSORS:
        raise Refusal(path, f"expected at most {_MAX_TENSORS} tensors, got {len(header)}")
    data_begin = 8 + length
    entries = [_entry(path, tensor, value, data_begin, file_size) for tensor, value in header.items()]
    entries.sort(key=lambda entry: (entry.begin, entry.size))
    _check_no_holes(path, entries, data_begin, file_size)
    return entries


def _entry(path, name, value, data_begin, file_size):
    def bad(what):
        return Refusal(path, f"tensor {shown(name)}: {what}")

    if not isinstance(value, dict) or sorted(value) != ["data_offsets", "dtype", "shape"]:
        raise bad("expected an object of dtype, shape and data_offsets")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ELEMENT_BYTES:
        raise bad(f"dtype: unknown {shown(dtype)}")
    if not isinstance(shape, list) or len(shape) > _MAX_RANK or not all(_is_count(side) for side in shape):
        raise bad(f"shape: expected at most {_MAX_RANK} whole numbers >= 0, got {shown(shape)}")
    elements = math.prod(shape)
    if elements > _MAX_ELEMENTS:
        raise bad(f"shape: {shown(shape)} is too large")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(_is_count(offset) for offset in offsets):
        raise bad(f"data_offsets: expected two whole numbers >= 0, got {shown(offsets)}")
    begin, end = offsets
    if not begin <= end <= file_size - data_begin:
        raise bad(f"data_offsets: expected begin <= end <= {file_size - data_begin} (the file's data), got {offsets}")
    if end - begin != elements * ELEMENT_BYTES[dtype]:
        expected = elements * ELEMENT_BYTES[dtype]
        raise bad(f"data_offsets: expected {expected} bytes for its shape and dtype, got {end - begin}")
    return Entry(name, dtype, tuple(shape), path, data_begin + begin, end - begin)


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_ELEMENTS


def _check_no_holes(path, entries, data_begin, file_size):
    expected = data_begin
    for entry in entries:
        if entry.begin != expected:
            raise Refusal(path, f"tensor {shown(entry.name)}: its data overlaps another's or leaves a hole")
        expected += entry.size
    if expected != file_size:
        raise Refusal(path, f"expected {expected} bytes in the file, got {file_size}")
