# SPDX-License-Identifier: Apache-2.0
"""A bundle that is none but for its perception: sections as the default bundle has them, tensors of a few numbers."""

import pathlib
import shutil

import numpy as np

import bundle_files
import tiny_checkpoint

ROOT = pathlib.Path(__file__).resolve().parents[3]
_RECIPE = ROOT / "model" / "bundles" / "coco-135m"


def write(directory):
    directory.mkdir(parents=True)
    shutil.copyfile(_RECIPE / "config.json", directory / "config.json")
    weights = {
        "detector.stem.weight": np.arange(4, dtype=np.float16),
        "vision_encoder.stem.weight": np.arange(6, dtype=np.float16),
        "language_model.model.norm.weight": np.ones(3, np.float32),
        "fusion.query_fusion.norm.weight": np.ones(5, np.float32),
    }
    tiny_checkpoint.save(directory / bundle_files.WEIGHTS, weights)
    bundle_files.write_checksums(directory)
    return directory
