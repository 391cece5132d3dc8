// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_PIXEL_CONVERSION_H_
#define MRMLLM_SERVER_IMAGE_DECODING_PIXEL_CONVERSION_H_

#include <opencv2/core.hpp>

#include "base/image.h"

namespace mrmllm {

// How the channels of a matrix of 8-bit pixels lie in memory.
enum class PixelFormat { kRgb, kBgr, kGray };

inline int ChannelCount(PixelFormat format) { return format == PixelFormat::kGray ? 1 : 3; }

// What a decoder gave (1, 3 or 4 channels, 8 or 16 bits, BGR order) as 8-bit grey or BGR: 16 bits
// are scaled down by 257, alpha is laid over white. May share memory with `decoded`.
cv::Mat ToEightBitOpaque(const cv::Mat& decoded);

// Turns stored pixels the way EXIF orientation [1, 8] wants them displayed. 1 shares memory.
cv::Mat ApplyOrientation(const cv::Mat& stored, int orientation);

// Copies 8-bit pixels into an RGB Image.
Image ToImage(const cv::Mat& pixels, PixelFormat format);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_PIXEL_CONVERSION_H_
