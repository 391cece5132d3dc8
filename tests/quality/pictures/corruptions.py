# SPDX-License-Identifier: Apache-2.0
"""Photos as bad weather, bad light and bad cameras would make them, at three strengths.

Fog, defocus, motion blur, noise, JPEG and contrast follow the definitions of ImageNet-C (Hendrycks and Dietterich, arXiv
1903.12261), at its severities 1, 3 and 5; night is darkness with the noise of few photons and a shift to blue. Pixels are BGR,
uint8, [height, width, 3]. The same pixels, kind, strength and seed always give the same picture.
"""

import math

import cv2
import numpy as np

STRENGTHS = (1, 2, 3)


def _fog(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    thickness, decay = ((1.5, 2.0), (2.5, 1.7), (3.0, 1.4))[strength - 1]
    picture = pixels / 255.0
    brightest = picture.max()
    fogged = picture + thickness * _clouds(*pixels.shape[:2], decay, rng)[..., None]
    return fogged * brightest / (brightest + thickness) * 255.0


def _clouds(height: int, width: int, decay: float, rng: np.random.Generator) -> np.ndarray:
    """Fractal noise in [0, 1]: octaves of twice the frequency, each weaker by `decay`."""
    side = 1 << math.ceil(math.log2(max(height, width)))
    total = np.zeros((height, width), np.float32)
    cells, amplitude = 2, 1.0
    while cells <= side:
        coarse = rng.uniform(-amplitude, amplitude, (cells + 1, cells + 1)).astype(np.float32)
        total += cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)[:height, :width]
        cells, amplitude = cells * 2, amplitude / decay
    total -= total.min()
    return total / total.max()


def _night(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    gamma, gain, photons = ((1.4, 0.7, 200.0), (1.8, 0.5, 80.0), (2.2, 0.35, 40.0))[strength - 1]
    tint = np.array([1.0, 0.85, 0.7])  # blue, green, red
    light = gain * (pixels / 255.0) ** gamma * tint
    return rng.poisson(light * photons) / photons * 255.0


def _defocus(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    radius = (3, 6, 10)[strength - 1]
    offsets = np.arange(-radius, radius + 1)
    disk = (offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius**2).astype(np.float32)
    return cv2.filter2D(pixels, -1, disk / disk.sum(), borderType=cv2.BORDER_REFLECT_101)


def _motion_blur(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    length = (11, 21, 37)[strength - 1]
    angle = rng.uniform(-45, 45)
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1.0
    turned = cv2.warpAffine(line, cv2.getRotationMatrix2D((length // 2, length // 2), angle, 1.0), (length, length))
    return cv2.filter2D(pixels, -1, turned / turned.sum(), borderType=cv2.BORDER_REFLECT_101)


def _noise(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    deviation = (0.08, 0.18, 0.38)[strength - 1]
    return pixels + rng.normal(0.0, deviation * 255.0, pixels.shape)


def _jpeg(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    quality = (25, 15, 7)[strength - 1]
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)


def _low_contrast(pixels: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:
    kept = (0.4, 0.2, 0.05)[strength - 1]
    mean = pixels.mean(axis=(0, 1), keepdims=True)
    return (pixels - mean) * kept + mean


_KINDS = {
    "fog": _fog,
    "night": _night,
    "defocus": _defocus,
    "motion blur": _motion_blur,
    "noise": _noise,
    "JPEG": _jpeg,
    "low contrast": _low_contrast,
}
KINDS = tuple(_KINDS)


def corrupt(pixels: np.ndarray, kind: str, strength: int, seed: str) -> np.ndarray:
    """`pixels` as the kind of corruption makes them; `strength` is one of STRENGTHS, `seed` any text, the photo's id in it."""
    if strength not in STRENGTHS:
        raise ValueError(f"strength: expected one of {STRENGTHS}, got {strength}")
    rng = np.random.default_rng(list(f"{seed} {kind} {strength}".encode()))
    return np.clip(np.rint(_KINDS[kind](pixels, strength, rng)), 0, 255).astype(np.uint8)
