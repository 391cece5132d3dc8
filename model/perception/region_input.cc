// SPDX-License-Identifier: Apache-2.0
#include "model/perception/region_input.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mrmllm {
namespace {

struct PixelRange {
  int begin = 0;
  int length = 0;
};

PixelRange WholePixels(float min, float max, int side) {
  // A region that was made of whole pixels stays as it is, in spite of its rounding to float.
  constexpr float kRounding = 1e-3f;
  const auto first = static_cast<int>(std::floor(min * static_cast<float>(side) + kRounding));
  const auto end = static_cast<int>(std::ceil(max * static_cast<float>(side) - kRounding));
  const int begin = std::clamp(first, 0, side - 1);
  return {begin, std::clamp(end, begin + 1, side) - begin};
}

int Scaled(int pixels, double scale) {
  return std::max(1, static_cast<int>(std::lround(pixels * scale)));
}

}  // namespace

RegionInput CutRegion(const Image& detail, const NormalizedBox& region, const ImageSpec& spec) {
  TORCH_CHECK(detail.width > 0 && detail.height > 0, "image detail: expected pixels, got none");
  const PixelRange x = WholePixels(region.x_min, region.x_max, detail.width);
  const PixelRange y = WholePixels(region.y_min, region.y_max, detail.height);
  int width = spec.size;
  int height = spec.size;
  if (spec.resize == ImageSpec::Resize::kLetterbox) {
    const double scale = static_cast<double>(spec.size) / std::max(x.length, y.length);
    width = Scaled(x.length, scale);
    height = Scaled(y.length, scale);
  }
  // Only read; from_blob has no const view.
  const at::Tensor cut = at::from_blob(const_cast<uint8_t*>(detail.pixels.data()),
                                       {detail.height, detail.width, 3}, at::kByte)
                             .narrow(0, y.begin, y.length)
                             .narrow(1, x.begin, x.length)
                             .permute({2, 0, 1})
                             .unsqueeze(0)
                             .flip(-1)
                             .contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor fitted = at::upsample_bilinear2d(cut, {height, width}, /*align_corners=*/false)
                                .contiguous(at::MemoryFormat::ChannelsLast);

  const int left = (spec.size - width) / 2;
  const int top = (spec.size - height) / 2;
  RegionInput input;
  input.pixels = {spec.size, spec.size, std::vector<uint8_t>(size_t{3} * spec.size * spec.size)};
  const uint8_t* from = fitted.data_ptr<uint8_t>();
  for (int row = 0; row < height; ++row) {
    std::memcpy(input.pixels.pixels.data() + size_t{3} * ((top + row) * spec.size + left),
                from + size_t{3} * row * width, size_t{3} * width);
  }
  const auto fraction = [](int pixels, int side) {
    return static_cast<float>(pixels) / static_cast<float>(side);
  };
  input.region = {fraction(x.begin, detail.width), fraction(y.begin, detail.height),
                  fraction(x.begin + x.length, detail.width),
                  fraction(y.begin + y.length, detail.height)};
  input.frame = {x.length,
                 y.length,
                 {fraction(width, x.length), fraction(height, y.length), static_cast<float>(left),
                  static_cast<float>(top)}};
  return input;
}

NormalizedBox FromMirroredRegion(const NormalizedBox& box, const NormalizedBox& region) {
  const float width = region.x_max - region.x_min;
  const float height = region.y_max - region.y_min;
  return {region.x_max - box.x_max * width, region.y_min + box.y_min * height,
          region.x_max - box.x_min * width, region.y_min + box.y_max * height};
}

}  // namespace mrmllm
