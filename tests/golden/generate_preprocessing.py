# SPDX-License-Identifier: Apache-2.0
"""Writes the resizing golden file with OpenCV's Python: letterboxing to 416 and stretching to 224 of pictures of odd sizes.

  python3 generate_preprocessing.py --photos skimage/data

Made-up pictures are not stored: their value at column x, row y, channel c is (x * x * 3 + y * 7 + x * y + c * 85) / 4 mod 256 (whole
division). Of each result every `step`-th row and column is stored.
"""

import argparse
import json
import pathlib

import cv2
import numpy as np

import golden_file
import vision_reference

STEP = 5
MADE_UP_SIZES = ((1, 1), (1, 300), (300, 1), (37, 53), (416, 416), (417, 211), (641, 97), (97, 641), (1000, 667))


def made_up(width, height):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * x * 3 + y * 7 + x * y + c * 85) // 4 % 256).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    args = parser.parse_args()
    config = json.loads((golden_file.RECIPE / "config.json").read_text())
    photo = np.ascontiguousarray(cv2.imread(str(args.photos / "chelsea.png"))[40:253, 100:331, ::-1])
    tensors = {"photo": photo}
    cases = [(f"made_up_{w}x{h}", made_up(w, h)) for w, h in MADE_UP_SIZES] + [("photo_231x213", photo)]
    for name, image in cases:
        square, geometry = vision_reference.letterbox(image, config["detector"]["input_size"])
        tensors[f"{name}.letterbox"] = square[::STEP, ::STEP]
        tensors[f"{name}.geometry"] = np.float32(geometry)
        tensors[f"{name}.stretch"] = vision_reference.stretch(image, config["vision_encoder"]["input_size"])[
            ::STEP, ::STEP
        ]
    golden_file.save(
        "preprocessing.safetensors",
        tensors,
        golden_file.versions("opencv-python-headless"),
        1,
        step=STEP,
        note="RGB; tolerance in grey levels; geometry: scale_x, scale_y, pad_x, pad_y",
    )


if __name__ == "__main__":
    main()
