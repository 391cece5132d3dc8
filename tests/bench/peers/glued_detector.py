# SPDX-License-Identifier: Apache-2.0
"""The bundle's detector in OpenVINO, from the bytes of a picture to boxes. Normalising runs inside the network."""

import contextlib
import dataclasses
import json
import pathlib

import cv2
import numpy as np
import onnx
import openvino
from openvino.preprocess import PrePostProcessor

import nanodet_onnx

SIZE = nanodet_onnx.INPUT_SIZE
BINS = 11
MAX_OBJECTS = 100


@dataclasses.dataclass(frozen=True)
class Found:
    """`box`: left, top, right, bottom in fractions of the picture."""

    label: str
    score: float
    box: tuple[float, float, float, float]


class GluedDetector:
    """Thread-safe: each call takes its own inference request."""

    def __init__(self, work: pathlib.Path, threads: int, hint: str, device: contextlib.AbstractContextManager):
        config = json.loads((nanodet_onnx.RECIPE / "config.json").read_text())["detector"]
        self._labels = config["labels"]
        self._threshold = config["sure_threshold"]
        self._overlap = config["nms_iou_threshold"]
        self._device = device
        path = work / "nanodet_1.onnx"
        onnx.save(nanodet_onnx.build(1), path)
        core = openvino.Core()
        steps = PrePostProcessor(core.read_model(str(path)))
        steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
        steps.input().model().set_layout(openvino.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(config["mean"]).scale(config["std"])
        settings = {
            "PERFORMANCE_HINT": hint,
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": threads,
        }
        self._compiled = core.compile_model(steps.build(), "CPU", settings)
        self._centres, self._strides = _places(config["strides"])

    def detect(self, encoded: bytes) -> tuple[tuple[int, int], list[Found]]:
        """Width and height of the picture, and what is in it, best score first."""
        picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise ValueError("not a picture")
        square, scale, pad = _letterbox(picture)
        request = self._compiled.create_infer_request()
        with self._device:
            request.infer([square[None]], share_inputs=True)
        scores = request.get_tensor("scores").data[0]
        distribution = request.get_tensor("distribution").data[0]
        height, width = picture.shape[:2]
        return (width, height), self._found(scores, distribution, scale, pad, width, height)

    def _found(self, scores, distribution, scale, pad, width, height) -> list[Found]:
        place, label = np.nonzero(scores >= self._threshold)
        if not place.size:
            return []
        best = scores[place, label]
        logits = distribution[place].reshape(-1, 4, BINS)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        sides = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(-1) * self._strides[place, None]
        boxes = np.concatenate([self._centres[place] - sides[:, :2], self._centres[place] + sides[:, 2:]], 1)
        corners = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
        kept = cv2.dnn.NMSBoxesBatched(corners, best, label.astype(np.int32), self._threshold, self._overlap)
        boxes = (boxes - [*pad, *pad]) / scale / [width, height, width, height]
        boxes = np.clip(boxes, 0, 1)
        order = sorted(kept, key=lambda i: -best[i])[:MAX_OBJECTS]
        return [Found(self._labels[label[i]], float(best[i]), tuple(map(float, boxes[i]))) for i in order]


def _places(strides: list[int]) -> tuple[np.ndarray, np.ndarray]:
    centres, of_place = [], []
    for stride in strides:
        cells = SIZE // stride
        y, x = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
        centres.append((np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        of_place.append(np.full(cells * cells, stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(of_place).astype(np.float32)


def _letterbox(picture: np.ndarray) -> tuple[np.ndarray, float, tuple[int, int]]:
    height, width = picture.shape[:2]
    scale = min(SIZE / width, SIZE / height)
    new_width, new_height = round(width * scale), round(height * scale)
    left, top = (SIZE - new_width) // 2, (SIZE - new_height) // 2
    square = np.zeros((SIZE, SIZE, 3), np.uint8)
    square[top : top + new_height, left : left + new_width] = cv2.resize(picture, (new_width, new_height))
    return square, scale, (left, top)
