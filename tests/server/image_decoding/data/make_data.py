# SPDX-License-Identifier: Apache-2.0
"""Writes the tiny images that OpenCV cannot write itself. Run once with Pillow; the results are committed.

python3 tests/server/image_decoding/data/make_data.py
"""

import pathlib

from PIL import Image

FOLDER = pathlib.Path(__file__).parent
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quadrants(side=16):
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", (side, side))
    half = side // 2
    for i, color in enumerate((RED, GREEN, BLUE, WHITE)):
        image.paste(color, (i % 2 * half, i // 2 * half, i % 2 * half + half, i // 2 * half + half))
    return image


def orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def main():
    picture = quadrants()
    picture.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=95)
    picture.save(FOLDER / "progressive.jpg", progressive=True, quality=95)
    picture.quantize(4).save(FOLDER / "palette.png", optimize=True)
    picture.quantize(4).save(FOLDER / "palette_transparent.png", transparency=picture.quantize(4).getpixel((0, 0)))
    Image.merge("LA", (Image.new("L", (4, 2), 0), Image.new("L", (4, 2), 0))).save(FOLDER / "gray_alpha.png")
    tall = picture.crop((0, 0, 16, 8))  # red left, green right
    tall.save(FOLDER / "orientation_6.png", exif=orientation(6))
    tall.save(FOLDER / "orientation_6.webp", exif=orientation(6), lossless=True)
    tall.save(FOLDER / "orientation_6.jpg", exif=orientation(6), quality=95)
    frames = [Image.new("RGB", (8, 8), c) for c in (RED, BLUE)]
    frames[0].save(FOLDER / "animated.webp", save_all=True, append_images=frames[1:], duration=100)
    frames[0].save(FOLDER / "animated.png", save_all=True, append_images=frames[1:], duration=100)
    picture.convert("1").save(FOLDER / "one_bit.png")
    transparent = picture.convert("RGBA")
    transparent.putpixel((0, 0), (255, 0, 0, 0))
    transparent.save(FOLDER / "alpha.webp", lossless=True)


if __name__ == "__main__":
    main()
