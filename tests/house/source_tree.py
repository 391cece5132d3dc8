# SPDX-License-Identifier: Apache-2.0
"""The files of the project, as the house tests see them."""

import functools
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
_NOT_OURS = {
    ".git",
    ".venv",
    ".tools",
    ".cache",
    "build",
    "node_modules",
    "__pycache__",
    ".ruff_cache",
    ".pytest_cache",
}
CPP = (".cc", ".h")
SOURCE = (*CPP, ".py", ".mjs", ".proto", ".cmake")


@functools.cache
def files() -> tuple[pathlib.PurePosixPath, ...]:
    """Every file of the project, relative to its root; nothing built, installed or downloaded."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS and not name.startswith(".venv"))
        relative = pathlib.PurePosixPath(os.path.relpath(folder, ROOT))
        found += [relative / name for name in sorted(names)]
    return tuple(found)


def with_suffix(*suffixes: str) -> list[pathlib.PurePosixPath]:
    return [path for path in files() if path.suffix in suffixes]


@functools.cache
def text(path: pathlib.PurePosixPath) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def is_text(path: pathlib.PurePosixPath) -> bool:
    return b"\0" not in (ROOT / path).read_bytes()[:4096]
