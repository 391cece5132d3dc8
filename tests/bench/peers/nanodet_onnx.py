# SPDX-License-Identifier: Apache-2.0
"""The bundle's detector as an ONNX network, for runtimes that read one: the same convolutions, the same weights.

Input `pixels` [batch, 3, 416, 416], BGR, normalised. Outputs `scores` [batch, 3549, 80] after the sigmoid and
`distribution` [batch, 3549, 44] before the softmax, places of all strides one after the other.
"""

import json
import pathlib

import numpy as np
import onnx
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[3]
RECIPE = ROOT / "model" / "bundles" / "coco-135m"
GOLDEN = ROOT / "tests" / "golden" / "data" / "detector.safetensors"

INPUT_SIZE = 416
LABELS = 80
DISTRIBUTION = 44
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2))  # residual blocks and stride, stage by stage
_OPSET = 17


class _Graph:
    """Nodes and weights in the making. Every method adds one layer and returns the name of its output."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._weights = weights

    def node(self, kind: str, inputs: list[str], output: str | None = None, **attributes) -> str:
        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def conv(self, x: str, name: str, stride: int = 1, activation: bool = True) -> str:
        weight = self._weights.pop(f"detector.{name}.weight").astype(np.float32)
        bias = self._weights.pop(f"detector.{name}.bias").astype(np.float32)
        kernel = weight.shape[2]
        inputs = [x, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)]
        y = self.node("Conv", inputs, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)
        return self.node("LeakyRelu", [y], alpha=0.1) if activation else y

    def stage(self, x: str, index: int, blocks: int, stride: int) -> str:
        name = f"backbone.stages.{index}"
        y = self.conv(x, f"{name}.in_conv", stride)
        r = y
        for block in range(blocks):
            a = self.conv(r, f"{name}.res_blocks.{block}.in_conv")
            b = self.conv(a, f"{name}.res_blocks.{block}.mid_conv")
            r = self.node("Concat", [b, a], axis=1)
        return self.node("Concat", [self.conv(r, f"{name}.res_out_conv"), y], axis=1)

    def neck(self, maps: list[str]) -> list[str]:
        levels = [self.conv(x, f"neck.lateral.{i}", activation=False) for i, x in enumerate(maps)]
        scales = self.constant("twice", np.float32([1, 1, 2, 2]))
        for i in (2, 1):
            up = self.node(
                "Resize", [levels[i], "", scales], mode="linear", coordinate_transformation_mode="half_pixel"
            )
            levels[i - 1] = self.node("Add", [levels[i - 1], up])
        for i in (1, 2):  # bilinear by one half with half-pixel centres is the mean of each 2 x 2
            down = self.node("AveragePool", [levels[i - 1]], kernel_shape=[2, 2], strides=[2, 2])
            levels[i] = self.node("Add", [levels[i], down])
        return levels

    def head(self, x: str, index: int, batch: int) -> tuple[str, str]:
        y = self.conv(self.conv(x, f"head.{index}.conv"), f"head.{index}.output", activation=False)
        places = self.node("Transpose", [y], perm=[0, 2, 3, 1])
        shape = self.constant(f"head.{index}.shape", np.int64([batch, -1, LABELS + DISTRIBUTION]))
        rows = self.node("Reshape", [places, shape])
        scores, distribution = f"scores_{index}", f"distribution_{index}"
        sizes = self.constant(f"head.{index}.sizes", np.int64([LABELS, DISTRIBUTION]))
        self.nodes.append(helper.make_node("Split", [rows, sizes], [scores, distribution], axis=2))
        return scores, distribution


def build(batch: int) -> onnx.ModelProto:
    """The network for `batch` images at once; runtimes plan best for a fixed number."""
    weights = safetensors.numpy.load_file(RECIPE / "detector.safetensors")
    graph = _Graph(weights)
    x = graph.node(
        "MaxPool", [graph.conv("pixels", "backbone.stem", 2)], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4
    )
    maps = []
    for index, (blocks, stride) in enumerate(STAGES):
        x = graph.stage(x, index, blocks, stride)
        maps.append(x)
    heads = [graph.head(level, index, batch) for index, level in enumerate(graph.neck(maps[1:]))]
    logits = graph.node("Concat", [scores for scores, _ in heads], axis=1)
    graph.node("Sigmoid", [logits], "scores")
    graph.node("Concat", [distribution for _, distribution in heads], "distribution", axis=1)
    if weights:
        raise ValueError(f"weights that the network has no place for: {sorted(weights)}")
    places = sum((INPUT_SIZE // stride) ** 2 for stride in (8, 16, 32))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "nanodet-g",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [batch, 3, INPUT_SIZE, INPUT_SIZE])],
            [
                helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, places, LABELS]),
                helper.make_tensor_value_info("distribution", TensorProto.FLOAT, [batch, places, DISTRIBUTION]),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model


def normalise(rgb: np.ndarray) -> np.ndarray:
    """Letterboxed RGB bytes [416, 416, 3] to the network's input for one image, [3, 416, 416]."""
    config = json.loads((RECIPE / "config.json").read_text())["detector"]
    values = (rgb[..., ::-1].astype(np.float32) - np.float32(config["mean"])) / np.float32(config["std"])
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def golden_inputs() -> list[np.ndarray]:
    """The pictures of the detector's golden file, ready for the network."""
    golden = safetensors.numpy.load_file(GOLDEN)
    return [normalise(golden[f"{i}.pixels"]) for i in range(3)]


def golden_error(scores: list[np.ndarray], distributions: list[np.ndarray]) -> tuple[float, float]:
    """How far the outputs for golden_inputs() are from the golden ones at worst: scores, distribution logits."""
    golden = safetensors.numpy.load_file(GOLDEN)
    worst_score = worst_distribution = 0.0
    for i, (score, distribution) in enumerate(zip(scores, distributions, strict=True)):
        places = golden[f"{i}.places"]
        worst_score = max(worst_score, float(np.abs(score[places] - golden[f"{i}.scores"]).max()))
        difference = np.abs(distribution[places] - golden[f"{i}.distribution"])
        worst_distribution = max(worst_distribution, float(difference.max()))
    return worst_score, worst_distribution
