// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_IMAGE_DECODING_ENCODED_IMAGES_H_
#define MRMLLM_TESTS_SERVER_IMAGE_DECODING_ENCODED_IMAGES_H_

#include <array>
#include <cstdint>
#include <string>

#include "base/image.h"

namespace mrmllm {

using Rgb = std::array<int, 3>;

// A width x height picture that is red in its left half and green in its right half (one column:
// green), encoded; `extension` is ".jpg", ".png", ".webp" or ".bmp".
std::string EncodeRedGreen(const std::string& extension, int width, int height);

// One pixel of 16 bits a channel, or with alpha, as a PNG. Values in RGBA order.
std::string EncodePngPixel16(std::array<uint16_t, 3> rgb);
std::string EncodePngPixel(std::array<uint8_t, 4> rgba);
std::string EncodeGrayPng(int width, int height, uint8_t value);

// Puts an EXIF block that states `orientation` behind the first two bytes of a JPEG.
std::string WithOrientation(const std::string& jpeg, int orientation);

// A PNG header that claims this size, followed by `padding` bytes of nothing.
std::string PngHeaderClaiming(uint32_t width, uint32_t height, int padding);

// A file of tests/server/image_decoding/data.
std::string ReadTestImage(const std::string& name);

Rgb PixelAt(const Image& image, int x, int y);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_IMAGE_DECODING_ENCODED_IMAGES_H_
