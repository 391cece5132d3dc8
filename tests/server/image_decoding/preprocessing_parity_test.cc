// SPDX-License-Identifier: Apache-2.0
// Against OpenCV's Python; see tests/golden/README.md.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdio>
#include <map>
#include <string>

#include "model/checkpoint/safetensors.h"
#include "server/image_decoding/image_decoder.h"

namespace mrmllm {
namespace {

constexpr int kTolerance = 1;  // grey levels
constexpr int64_t kStep = 5;

// The golden file's formula for the pictures that it does not store.
std::string MadeUpPixels(int width, int height) {
  std::string pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        pixels += static_cast<char>((x * x * 3 + y * 7 + x * y + c * 85) / 4 % 256);
      }
    }
  }
  return pixels;
}

int MaxDifference(const Image& image, const at::Tensor& golden) {
  const at::Tensor pixels = at::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                                          {image.height, image.width, 3}, at::kByte);
  const at::Tensor sampled =
      pixels.slice(0, 0, std::nullopt, kStep).slice(1, 0, std::nullopt, kStep);
  EXPECT_EQ(sampled.sizes(), golden.sizes());
  return (sampled.to(at::kInt) - golden.to(at::kInt)).abs().max().item<int>();
}

TEST(PreprocessingParityTest, BothInputsEqualTheReferenceWithinOneGreyLevel) {
  const auto golden = MapSafetensors(std::string(MRMLLM_SOURCE_DIR) +
                                     "/tests/golden/data/preprocessing.safetensors");
  ASSERT_TRUE(golden.ok()) << golden.status();
  const ImageDecoder decoder({1 << 24, 1 << 24, 4'096}, {416, ImageSpec::Resize::kLetterbox},
                             {224, ImageSpec::Resize::kStretch}, 1'024);
  const at::Tensor photo = golden->at("photo");
  int pictures = 0;
  for (const auto& [name, geometry] : *golden) {
    const size_t suffix = name.find(".geometry");
    if (suffix == std::string::npos) continue;
    SCOPED_TRACE(name);
    ++pictures;
    const std::string picture = name.substr(0, suffix);
    int width = 0, height = 0;
    ASSERT_EQ(std::sscanf(picture.c_str() + picture.rfind('_'), "_%dx%d", &width, &height), 2);
    const std::string pixels = picture.starts_with("photo")
                                   ? std::string(photo.const_data_ptr<uint8_t>(),
                                                 photo.const_data_ptr<uint8_t>() + photo.numel())
                                   : MadeUpPixels(width, height);
    const auto input = decoder.DecodeRaw({pixels, width, height, 0, RawPixels::Format::kRgb});
    ASSERT_TRUE(input.ok()) << input.status();
    EXPECT_LE(MaxDifference((*input)->detector_pixels, golden->at(picture + ".letterbox")),
              kTolerance);
    EXPECT_LE(MaxDifference((*input)->encoder_pixels, golden->at(picture + ".stretch")),
              kTolerance);
    const ResizeGeometry& got = (*input)->detector_geometry;
    const at::Tensor values = at::tensor({got.scale_x, got.scale_y, got.pad_x, got.pad_y});
    EXPECT_TRUE(at::allclose(values, geometry)) << values << geometry;
  }
  EXPECT_EQ(pictures, 10);
}

}  // namespace
}  // namespace mrmllm
