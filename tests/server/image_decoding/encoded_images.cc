// SPDX-License-Identifier: Apache-2.0
#include "tests/server/image_decoding/encoded_images.h"

#include <fstream>
#include <iterator>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

namespace mrmllm {
namespace {

std::string Encode(const std::string& extension, const cv::Mat& pixels) {
  std::vector<uint8_t> bytes;
  cv::imencode(extension, pixels, bytes, {cv::IMWRITE_JPEG_QUALITY, 95});
  return {bytes.begin(), bytes.end()};
}

std::string BigEndian32(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

}  // namespace

std::string EncodeRedGreen(const std::string& extension, int width, int height) {
  cv::Mat pixels(height, width, CV_8UC3, cv::Scalar(0, 255, 0));
  pixels.colRange(0, width / 2) = cv::Scalar(0, 0, 255);
  return Encode(extension, pixels);
}

std::string EncodePngPixel16(std::array<uint16_t, 3> rgb) {
  return Encode(".png", cv::Mat(1, 1, CV_16UC3, cv::Scalar(rgb[2], rgb[1], rgb[0])));
}

std::string EncodePngPixel(std::array<uint8_t, 4> rgba) {
  return Encode(".png", cv::Mat(1, 1, CV_8UC4, cv::Scalar(rgba[2], rgba[1], rgba[0], rgba[3])));
}

std::string EncodeGrayPng(int width, int height, uint8_t value) {
  return Encode(".png", cv::Mat(height, width, CV_8UC1, cv::Scalar(value)));
}

std::string WithOrientation(const std::string& jpeg, int orientation) {
  // APP1, 34 bytes: "Exif", a big-endian TIFF, one directory entry of type SHORT.
  std::string exif(
      "\xFF\xE1\x00\x22"
      "Exif\0\0"
      "MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01",
      28);
  exif += std::string("\0", 1) + static_cast<char>(orientation) + std::string(6, '\0');
  return jpeg.substr(0, 2) + exif + jpeg.substr(2);
}

std::string PngHeaderClaiming(uint32_t width, uint32_t height, int padding) {
  return std::string("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", 16) + BigEndian32(width) +
         BigEndian32(height) + std::string("\x08\x02\0\0\0\0\0\0\0", 9) +
         std::string(padding, '\0');
}

std::string ReadTestImage(const std::string& name) {
  std::ifstream file(std::string(MRMLLM_SOURCE_DIR) + "/tests/server/image_decoding/data/" + name,
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Rgb PixelAt(const Image& image, int x, int y) {
  const size_t at = (static_cast<size_t>(y) * image.width + x) * 3;
  return {image.pixels.at(at), image.pixels.at(at + 1), image.pixels.at(at + 2)};
}

}  // namespace mrmllm
