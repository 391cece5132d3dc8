# SPDX-License-Identifier: Apache-2.0
"""Writes golden files: small safetensors, whose metadata says how they were made and how close a result must come."""

import hashlib
import importlib.metadata
import pathlib

import numpy as np
import safetensors.numpy

DATA = pathlib.Path(__file__).resolve().parent / "data"
RECIPE = DATA.parent.parent.parent / "model" / "bundles" / "coco-135m"


def versions(*packages):
    return ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save(name, tensors, made_by, tolerance, **metadata):
    DATA.mkdir(exist_ok=True)
    path = DATA / name
    text = {"made_by": made_by, "tolerance": str(tolerance), **{k: str(v) for k, v in metadata.items()}}
    safetensors.numpy.save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path, metadata=text)
    path.chmod(0o644)
    print(f"{path.relative_to(DATA.parent)}: {path.stat().st_size / 1e3:.0f} kB")
