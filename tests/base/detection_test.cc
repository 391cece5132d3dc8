// SPDX-License-Identifier: Apache-2.0
#include "base/detection.h"

#include "gtest/gtest.h"

#include "base/image.h"

namespace mrmllm {
namespace {

TEST(NormalizedBoxTest, AreaIsAFractionOfTheImage) {
  EXPECT_FLOAT_EQ((NormalizedBox{0.25f, 0.5f, 0.75f, 1.0f}.area()), 0.25f);
  EXPECT_FLOAT_EQ(NormalizedBox{}.area(), 0.0f);
}

TEST(ImageInputTest, SizeCountsAllItsPixels) {
  ImageInput input;
  input.detector_pixels.pixels.resize(10);
  input.encoder_pixels.pixels.resize(20);
  input.detail.pixels.resize(30);
  EXPECT_EQ(input.size_bytes(), 60u);
}

}  // namespace
}  // namespace mrmllm
