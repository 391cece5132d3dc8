// SPDX-License-Identifier: Apache-2.0
#include "model/vision/pixel_normalization.h"

#include <gtest/gtest.h>

namespace mrmllm {
namespace {

// Two rows of one pixel: (10, 20, 30) above (40, 50, 60).
const Image kImage{1, 2, {10, 20, 30, 40, 50, 60}};

at::Tensor Normalize(const PixelNormalization& normalization, at::ScalarType dtype) {
  const Image* images[] = {&kImage};
  return NormalizePixels(StackPixels(images), normalization, at::TensorOptions(dtype));
}

TEST(PixelNormalizationTest, SubtractsTheMeanAndDividesByTheDeviation) {
  const at::Tensor values = Normalize({"RGB", {10, 10, 10}, {1, 2, 4}}, at::kFloat);
  EXPECT_EQ(values.sizes(), (at::IntArrayRef{1, 3, 2, 1}));
  EXPECT_TRUE(at::equal(values.flatten(), at::tensor({0.f, 30.f, 5.f, 20.f, 5.f, 12.5f})));
}

TEST(PixelNormalizationTest, BgrTurnsTheChannelsRound) {
  const at::Tensor values = Normalize({"BGR", {0, 0, 0}, {1, 1, 1}}, at::kFloat);
  EXPECT_TRUE(at::equal(values.flatten(), at::tensor({30.f, 60.f, 20.f, 50.f, 10.f, 40.f})));
}

TEST(PixelNormalizationTest, TakesTheDtypeOfTheParameters) {
  EXPECT_EQ(Normalize({"RGB", {0, 0, 0}, {1, 1, 1}}, at::kBFloat16).scalar_type(), at::kBFloat16);
}

TEST(PixelNormalizationTest, ImagesAndTheirStackBecomeTheSame) {
  const Image other{1, 2, {250, 0, 7, 1, 2, 3}};
  const Image* images[] = {&kImage, &other};
  const PixelNormalization normalization{"BGR", {10, 20, 30}, {2, 3, 4}};
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor values = NormalizeImages(images, normalization, at::TensorOptions(dtype));
    EXPECT_TRUE(values.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_TRUE(at::equal(
        values, NormalizePixels(StackPixels(images), normalization, at::TensorOptions(dtype))));
  }
}

TEST(PixelNormalizationTest, RefusesImagesOfDifferentSizes) {
  const Image wide{2, 1, {1, 2, 3, 4, 5, 6}};
  const Image* images[] = {&kImage, &wide};
  EXPECT_THROW(StackPixels(images), c10::Error);
}

}  // namespace
}  // namespace mrmllm
