// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/input_resizing.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace mrmllm {
namespace {

cv::Size ScaledSize(const cv::Mat& picture, double scale) {
  const auto side = [scale](int pixels) {
    return std::max(1, static_cast<int>(std::lround(pixels * scale)));
  };
  return {side(picture.cols), side(picture.rows)};
}

}  // namespace

ResizedInput ResizeToInput(const cv::Mat& displayed, const ImageSpec& spec) {
  cv::Size inner(spec.size, spec.size);
  if (spec.resize == ImageSpec::Resize::kLetterbox) {
    inner = ScaledSize(displayed,
                       static_cast<double>(spec.size) / std::max(displayed.cols, displayed.rows));
  }
  ResizedInput input;
  const cv::Point corner((spec.size - inner.width) / 2, (spec.size - inner.height) / 2);
  input.pixels = cv::Mat::zeros(spec.size, spec.size, displayed.type());
  cv::Mat target = input.pixels(cv::Rect(corner, inner));
  cv::resize(displayed, target, inner, 0, 0, cv::INTER_LINEAR);
  input.geometry = {.scale_x = static_cast<float>(inner.width) / displayed.cols,
                    .scale_y = static_cast<float>(inner.height) / displayed.rows,
                    .pad_x = static_cast<float>(corner.x),
                    .pad_y = static_cast<float>(corner.y)};
  return input;
}

cv::Mat ShrinkToSide(const cv::Mat& displayed, int max_side) {
  const int longer = std::max(displayed.cols, displayed.rows);
  if (longer <= max_side) return displayed;
  cv::Mat shrunk;
  cv::resize(displayed, shrunk, ScaledSize(displayed, static_cast<double>(max_side) / longer), 0, 0,
             cv::INTER_AREA);
  return shrunk;
}

}  // namespace mrmllm
