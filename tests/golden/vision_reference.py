# SPDX-License-Identifier: Apache-2.0
"""Preprocessing, decoding and non-maximum suppression of the detector in NumPy and OpenCV's Python: the reference for C++."""

import math

import cv2
import numpy as np


def letterbox(image, size):
    """Fits an image [h, w, 3] into a square, centred, padded with 0. Returns the square and (scale_x, scale_y, pad_x, pad_y)."""
    height, width = image.shape[:2]
    scale = min(size / width, size / height)
    new_width = min(size, max(1, math.floor(width * scale + 0.5)))
    new_height = min(size, max(1, math.floor(height * scale + 0.5)))
    left, top = (size - new_width) // 2, (size - new_height) // 2
    square = np.zeros((size, size, 3), np.uint8)
    square[top : top + new_height, left : left + new_width] = cv2.resize(
        image, (new_width, new_height), interpolation=cv2.INTER_LINEAR
    )
    return square, (new_width / width, new_height / height, left, top)


def stretch(image, size):
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR)


def normalise(rgb, part):
    """[h, w, 3] RGB bytes to [1, 3, h, w] floats as one part of config.json says."""
    pixels = rgb[..., ::-1] if part["channel_order"] == "BGR" else rgb
    values = (pixels.astype(np.float32) - np.float32(part["mean"])) / np.float32(part["std"])
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def decode(scores, distribution, detector):
    """Raw outputs of all places, strides concatenated, to boxes [n, 4] (x_min, y_min, x_max, y_max) in input pixels."""
    centres, strides = [], []
    for stride in detector["strides"]:
        cells = detector["input_size"] // stride
        y, x = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
        centres.append((np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        strides.append(np.full(cells * cells, stride))
    centres, strides = np.concatenate(centres), np.concatenate(strides)
    assert len(scores) == len(centres)
    logits = distribution.astype(np.float64).reshape(-1, 4, detector["distribution_bins"])
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    sides = (weights / weights.sum(-1, keepdims=True)) @ np.arange(detector["distribution_bins"]) * strides[:, None]
    boxes = np.concatenate([centres - sides[:, :2], centres + sides[:, 2:]], 1)
    return np.clip(boxes, 0, detector["input_size"])


def intersection_over_union(box, boxes):
    overlap = np.clip(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]), 0, None).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return overlap / np.maximum((box[2:] - box[:2]).prod() + areas - overlap, 1e-9)


def suppress(boxes, scores, threshold):
    """Greedy non-maximum suppression of one class; returns the kept indices, best first."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while order.size:
        kept.append(order[0])
        rest = order[1:]
        order = rest[intersection_over_union(boxes[order[0]], boxes[rest]) <= threshold]
    return kept


def detections(boxes, scores, detector, geometry):
    """Class-wise suppression of every score at or above the candidate threshold, all classes of a place counted.

    Returns rows (x_min, y_min, x_max, y_max, score, label) in the original image's pixels, best first.
    """
    scale_x, scale_y, pad_x, pad_y = geometry
    rows = []
    for label in range(scores.shape[1]):
        chosen = np.flatnonzero(scores[:, label] >= detector["candidate_threshold"])
        for i in suppress(boxes[chosen], scores[chosen, label], detector["nms_iou_threshold"]):
            place = chosen[i]
            x_min, y_min, x_max, y_max = boxes[place]
            rows.append(
                [
                    (x_min - pad_x) / scale_x,
                    (y_min - pad_y) / scale_y,
                    (x_max - pad_x) / scale_x,
                    (y_max - pad_y) / scale_y,
                    scores[place, label],
                    label,
                ]
            )
    rows.sort(key=lambda row: -row[4])
    return np.float64(rows).reshape(-1, 6)
