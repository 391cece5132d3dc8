# SPDX-License-Identifier: Apache-2.0
"""Writes the detector's golden files: the published TensorFlow.js graph's outputs, and what the NumPy reference decodes.

  python3 generate_detector.py --nanodet package/models/nanodet.json --photos skimage/data --script run_tfjs_detector.mjs

Per picture, `i.` = 0, 1, ...: the letterboxed bytes, the raw outputs at some places (all strides concatenated, 3,549 places, row
by row), the necks sampled, the decoded boxes of these places, and the final detections in the original picture's pixels.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

import golden_file
import vision_reference

PHOTOS = ("chelsea.png", "coffee.png", "horses.jpg")  # of scikit-image, or else of docs/photos
NECK_STEP = 53
PLACE_STEP = 9
INTERESTING_SCORE = 0.02


def run_graph(script, model, values):
    """Runs node; returns {name: array}."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        values.astype("<f4").tofile(folder / "input.f32")
        done = subprocess.run(
            ["node", script, model, folder / "input.f32", folder], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"node failed: {done.stderr}")
        facts = json.loads((folder / "outputs.json").read_text())
        outputs = {n: np.fromfile(folder / f"{n}.f32", "<f4").reshape(s) for n, s in facts["shapes"].items()}
    return outputs, facts["version"]


def check_weights(nanodet):
    """The committed fp16 weights must be the graph's own, bit for bit: both sides then compute the same function."""
    import safetensors.numpy

    import convert_vision

    committed = safetensors.numpy.load_file(golden_file.RECIPE / "detector.safetensors")
    for name, value in convert_vision.convert_detector(nanodet).items():
        if not np.array_equal(committed.pop(name), value):
            raise ValueError(f"{name}: the committed value is not the published one")
    assert not committed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nanodet", type=pathlib.Path, required=True)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument(
        "--script", type=pathlib.Path, required=True, help="run_tfjs_detector.mjs beside its node_modules"
    )
    args = parser.parse_args()
    check_weights(args.nanodet)
    detector = json.loads((golden_file.RECIPE / "config.json").read_text())["detector"]
    tensors, version = {}, ""
    for i, name in enumerate(PHOTOS):
        path = args.photos / name
        if not path.is_file():
            path = golden_file.RECIPE.parents[2] / "docs" / "photos" / name
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        square, geometry = vision_reference.letterbox(rgb, detector["input_size"])
        outputs, version = run_graph(args.script, args.nanodet, vision_reference.normalise(square, detector))
        scores = np.concatenate([outputs[f"scores_{s}"][0] for s in detector["strides"]])
        distribution = np.concatenate([outputs[f"distribution_{s}"][0] for s in detector["strides"]])
        boxes = vision_reference.decode(scores, distribution, detector)
        found = vision_reference.detections(boxes, scores, detector, geometry)
        interesting = scores.max(1) >= INTERESTING_SCORE
        interesting[::PLACE_STEP] = True
        places = np.flatnonzero(interesting)
        tensors |= {
            f"{i}.pixels": square,
            f"{i}.image_size": np.int32([rgb.shape[1], rgb.shape[0]]),
            f"{i}.geometry": np.float32(geometry),
            f"{i}.places": places.astype(np.int32),
            f"{i}.scores": scores[places],
            f"{i}.distribution": distribution[places],
            f"{i}.boxes": boxes[places].astype(np.float32),
            f"{i}.detections": found.astype(np.float32),
        }
        for stride in detector["strides"]:
            tensors[f"{i}.neck_{stride}"] = outputs[f"neck_{stride}"].reshape(-1)[::NECK_STEP]
        best = [(detector["labels"][int(row[5])], float(round(row[4], 2))) for row in found[:5]]
        print(f"{name}: {len(places)} places, {len(found)} detections, best {best}")
    golden_file.save(
        "detector.safetensors",
        tensors,
        f"TensorFlow.js {version}, {golden_file.versions('numpy', 'opencv-python-headless')}",
        1e-3,
        weights_sha256=golden_file.sha256_of(golden_file.RECIPE / "detector.safetensors"),
        photos=", ".join(PHOTOS),
        neck_step=NECK_STEP,
        note="pixels RGB; scores after the sigmoid; boxes in input pixels; detections: x_min, y_min, x_max, y_max, score, label; "
        "neck_s: every neck_step-th value of [1, 128, h, w]; class-wise suppression only",
    )


if __name__ == "__main__":
    main()
