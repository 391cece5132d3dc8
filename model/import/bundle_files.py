# SPDX-License-Identifier: Apache-2.0
"""Writing a bundle: tensors one after the other, checksums, and one rename that puts it in its place."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import tempfile

WEIGHTS = "model.safetensors"
CHECKSUMS = "checksums.txt"


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_bfloat16(value):
    """The bytes of a float32 array rounded to the nearest bfloat16, ties to even."""
    import numpy as np

    bits = value.view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded >> np.uint32(16)).astype("<u2").tobytes()


def write_safetensors(path, tensors, metadata):
    """Writes {name: (dtype, shape, size in bytes, pieces)}, `pieces` being an iterable of bytes made as they are written.

    The data, and with it every large tensor, starts on a multiple of 64 bytes. Returns the file's SHA-256.
    """
    header, offset = {"__metadata__": metadata}, 0
    for name, (dtype, shape, size, _) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    digest = hashlib.sha256()
    with open(path, "wb") as file:

        def write(data):
            file.write(data)
            digest.update(data)

        write(len(text).to_bytes(8, "little"))
        write(text)
        for name, (_, _, size, pieces) in tensors.items():
            begin = file.tell()
            for piece in pieces:
                write(piece)
            if file.tell() - begin != size:
                raise ValueError(f"{name}: expected {size} bytes, got {file.tell() - begin}")
    return digest.hexdigest()


def write_checksums(directory, known=None):
    """Writes checksums.txt of every file in `directory`; `known` are digests that need no reading."""
    known = known or {}
    names = sorted(path.name for path in directory.iterdir())
    lines = [f"{known.get(name) or sha256_of(directory / name)}  {name}\n" for name in names]
    (directory / CHECKSUMS).write_text("".join(lines))


def changed_file(directory):
    """The name of the first file that differs from checksums.txt, or None where all are as listed."""
    for line in (directory / CHECKSUMS).read_text().splitlines():
        expected, name = line.split(" ", 1)
        name = name[1:]
        if pathlib.PurePath(name).name != name:
            return name
        if not (directory / name).is_file() or sha256_of(directory / name) != expected:
            return name
    return None


def replace(target, fresh):
    """Puts `fresh` in the place of `target`; a reader sees the old bundle, or none for an instant, or the new one."""
    old = None
    if target.exists():
        old = pathlib.Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
        os.rename(target, old / target.name)
    os.rename(fresh, target)
    if old is not None:
        shutil.rmtree(old)


@contextlib.contextmanager
def replacing(target):
    """A new directory beside `target` that takes its place when all went well, and is gone when not."""
    if target.exists() and not (target / "config.json").is_file() and any(target.iterdir()):
        raise FileExistsError(f"{target} exists and is not a bundle; choose another --out or move it away")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as work:
        fresh = pathlib.Path(work) / target.name
        fresh.mkdir()
        yield fresh
        replace(target, fresh)
