// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/pixel_conversion.h"

#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace mrmllm {
namespace {

constexpr int kWhite = 255;

cv::Mat OverWhite(const cv::Mat& bgra) {
  cv::Mat bgr(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y) {
    const uint8_t* from = bgra.ptr<uint8_t>(y);
    uint8_t* to = bgr.ptr<uint8_t>(y);
    for (int x = 0; x < bgra.cols; ++x, from += 4, to += 3) {
      const int alpha = from[3];
      for (int c = 0; c < 3; ++c) {
        to[c] = static_cast<uint8_t>((from[c] * alpha + kWhite * (255 - alpha) + 127) / 255);
      }
    }
  }
  return bgr;
}

}  // namespace

cv::Mat ToEightBitOpaque(const cv::Mat& decoded) {
  cv::Mat eight_bit = decoded;
  if (decoded.depth() == CV_16U) decoded.convertTo(eight_bit, CV_8U, 1.0 / 257.0);
  return eight_bit.channels() == 4 ? OverWhite(eight_bit) : eight_bit;
}

cv::Mat ApplyOrientation(const cv::Mat& stored, int orientation) {
  cv::Mat turned;
  switch (orientation) {
    case 2:
      cv::flip(stored, turned, 1);
      return turned;
    case 3:
      cv::flip(stored, turned, -1);
      return turned;
    case 4:
      cv::flip(stored, turned, 0);
      return turned;
    case 5:
      cv::transpose(stored, turned);
      return turned;
    case 6:
      cv::rotate(stored, turned, cv::ROTATE_90_CLOCKWISE);
      return turned;
    case 7:
      cv::rotate(stored, turned, cv::ROTATE_180);
      cv::transpose(turned, turned);
      return turned;
    case 8:
      cv::rotate(stored, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
      return turned;
    default:
      return stored;
  }
}

Image ToImage(const cv::Mat& pixels, PixelFormat format) {
  Image image{pixels.cols, pixels.rows, {}};
  image.pixels.resize(static_cast<size_t>(pixels.rows) * pixels.cols * 3);
  cv::Mat rgb(pixels.rows, pixels.cols, CV_8UC3, image.pixels.data());
  switch (format) {
    case PixelFormat::kRgb:
      pixels.copyTo(rgb);
      break;
    case PixelFormat::kBgr:
      cv::cvtColor(pixels, rgb, cv::COLOR_BGR2RGB);
      break;
    case PixelFormat::kGray:
      cv::cvtColor(pixels, rgb, cv::COLOR_GRAY2RGB);
      break;
  }
  return image;
}

}  // namespace mrmllm
