# SPDX-License-Identifier: Apache-2.0
"""Photos of one folder that look like photos of another: what was trained on must not be measured on.

  duplicates.py TRAINED_ON MEASURED_ON

A photo's fingerprint is 64 bits: whether each of the 8 x 8 lowest frequencies of its 32 x 32 grey picture is above their median
(the "pHash" of perceptual hashing). Copies that were scaled, recompressed or mildly retouched differ in a few bits, unrelated
photos in about 32. Mirrored copies are looked for too.
"""

import dataclasses
import pathlib
import sys

import cv2
import numpy as np

NEAR_BITS = 10


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`closest`: the fewest bits in which a pair differs; `near`: the pairs at most NEAR_BITS apart, as file names."""

    trained_on: int
    measured_on: int
    closest: int
    near: list[tuple[str, str, int]]


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """64 bits of a picture, [8, 8]."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8]
    return low > np.median(low.flatten()[1:])  # the mean brightness says nothing


def compare(trained_on: pathlib.Path, measured_on: list[pathlib.Path]) -> Comparison:
    """Compares every photo of the folder `trained_on` with every one of `measured_on`."""
    seen = {path.name: _bits(path) for path in sorted(trained_on.iterdir()) if _is_photo(path)}
    closest, near = 64, []
    for path in measured_on:
        own = _bits(path)
        for name, other in seen.items():
            apart = int(min((own[0] ^ other[0]).sum(), (own[1] ^ other[0]).sum()))
            closest = min(closest, apart)
            if apart <= NEAR_BITS:
                near.append((name, path.name, apart))
    return Comparison(len(seen), len(measured_on), closest, near)


def _bits(path: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """The fingerprints of the photo and of its mirror image."""
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    return fingerprint(pixels), fingerprint(pixels[:, ::-1])


def _is_photo(path: pathlib.Path) -> bool:
    return path.suffix.lower() in (".jpg", ".jpeg", ".png")


if __name__ == "__main__":
    photos = [path for path in sorted(pathlib.Path(sys.argv[2]).iterdir()) if _is_photo(path)]
    found = compare(pathlib.Path(sys.argv[1]), photos)
    print(f"{found.trained_on} and {found.measured_on} photos; the closest pair differs in {found.closest} of 64 bits")
    for name, other, apart in found.near:
        print(f"  {name} and {other}: {apart} bits")
