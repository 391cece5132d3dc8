# SPDX-License-Identifier: Apache-2.0
"""Writes the vision encoder's golden file with the published EfficientNet-Lite package in PyTorch, fp32.

  python3 generate_vision_encoder.py --photos skimage/data --checkpoint efficientnet-lite0-57934424.pth

The package's own module computes with the committed fp16 values: each convolution takes the folded weights and its batch norm
is set to add the folded bias and nothing else. So C++ and reference hold the same numbers. How far folding and rounding moved the
logits from the published fp32 checkpoint is measured too and stored as `i.rounding_error`.
"""

import argparse
import json
import pathlib

import cv2
import efficientnet_lite_pytorch
import numpy as np
import safetensors.torch
import torch

import convert_vision
import golden_file
import legacy_checkpoint
import vision_layers
import vision_reference

PHOTOS = ("chelsea.png", "coffee.png", "rocket.jpg")
FEATURE_STEP = 11  # but the first picture's features are whole


def published_state(path):
    return {name: torch.from_numpy(np.asarray(value)) for name, value in legacy_checkpoint.read(path).items()}


def committed_state(state):
    """The checkpoint's names holding the committed, folded, fp16-rounded values."""
    committed = safetensors.torch.load_file(golden_file.RECIPE / "vision_encoder.safetensors")
    result = dict(state)
    for layer in vision_layers.vision_encoder_layers():
        convolution, norm = convert_vision.efficientnet_source(layer.name)
        result[convolution + ".weight"] = committed[layer.name + ".weight"].float()
        bias = committed[layer.name + ".bias"].float()
        if norm is None:
            result[convolution + ".bias"] = bias
            continue
        result[norm + ".bias"] = bias
        result[norm + ".weight"] = torch.ones_like(bias)
        result[norm + ".running_mean"] = torch.zeros_like(bias)
        result[norm + ".running_var"] = torch.full_like(bias, 1 - vision_layers.LITE0_BATCH_NORM_EPSILON)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True, help="efficientnet-lite0-57934424.pth")
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    encoder = json.loads((golden_file.RECIPE / "config.json").read_text())["vision_encoder"]
    published = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite0").eval()
    state = published_state(args.checkpoint)
    published.load_state_dict(state)
    model = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite0").eval()
    model.load_state_dict(committed_state(state))
    tensors = {}
    for i, name in enumerate(PHOTOS):
        rgb = np.ascontiguousarray(cv2.imread(str(args.photos / name))[..., ::-1])
        pixels = vision_reference.stretch(rgb, encoder["input_size"])
        values = torch.from_numpy(vision_reference.normalise(pixels, encoder))
        features, logits = model.extract_features(values).numpy(), model(values).numpy()[0]
        error = np.abs(published(values).numpy()[0] - logits).max()
        tensors |= {
            f"{i}.pixels": pixels,
            f"{i}.features": features[0] if i == 0 else features.reshape(-1)[::FEATURE_STEP],
            f"{i}.logits": logits,
            f"{i}.rounding_error": np.float32([error]),
        }
        best = np.argsort(-logits)[:3]
        print(
            f"{name}: {[encoder['labels'][b] for b in best]}, off the fp32 checkpoint by {error:.4f} of {np.abs(logits).max():.1f}"
        )
    golden_file.save(
        "vision_encoder.safetensors",
        tensors,
        golden_file.versions("efficientnet-lite-pytorch", "torch", "opencv-python-headless"),
        1e-3,
        weights_sha256=golden_file.sha256_of(golden_file.RECIPE / "vision_encoder.safetensors"),
        photos=", ".join(PHOTOS),
        feature_step=FEATURE_STEP,
        note="pixels RGB [224, 224, 3]; features [1280, 7, 7] after the head's ReLU6, of the first picture whole, of the others every "
        "feature_step-th value; logits of the classifier; reference and C++ both use the committed fp16 values in fp32",
    )


if __name__ == "__main__":
    main()
