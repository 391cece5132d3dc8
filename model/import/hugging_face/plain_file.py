# SPDX-License-Identifier: Apache-2.0
"""Opening a file of a checkpoint's directory, and none outside it."""

import os
import pathlib
import stat

from hugging_face.refusal import Refusal, shown


def locate(directory, name):
    """The path of the regular file `name` in `directory`.

    A symbolic link must stay in the directory, with one exception: the hub's cache keeps a snapshot's files in the
    folder `blobs` two levels up, and its links into that folder are followed.
    """
    path = pathlib.Path(directory) / name
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise Refusal(directory, f"expected the name of a file in this directory, got {shown(name)}")
    try:
        real = pathlib.Path(os.path.realpath(path, strict=True))
        mode = real.stat().st_mode
    except (OSError, ValueError) as error:
        raise Refusal(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    home = pathlib.Path(os.path.realpath(directory))
    allowed = [home]
    if home.parent.name == "snapshots":
        allowed.append(home.parent.parent / "blobs")
    if real.parent not in allowed:
        raise Refusal(path, "is a link to a file outside of the directory")
    if not stat.S_ISREG(mode):
        raise Refusal(path, "is no regular file")
    return path


def exists(directory, name):
    return os.path.lexists(pathlib.Path(directory) / name)


def read(directory, name, max_bytes):
    """The bytes of a file that may not be larger than `max_bytes`."""
    path = locate(directory, name)
    with open(path, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise Refusal(path, f"expected at most {max_bytes} bytes, got {path.stat().st_size}")
    return content
