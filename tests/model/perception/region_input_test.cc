// SPDX-License-Identifier: Apache-2.0
#include "model/perception/region_input.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace mrmllm {
namespace {

constexpr ImageSpec kLetterbox8{8, ImageSpec::Resize::kLetterbox};

// Red grows with x, green with y.
Image Ramp(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.insert(image.pixels.end(),
                          {static_cast<uint8_t>(10 * x), static_cast<uint8_t>(10 * y), 200});
    }
  }
  return image;
}

std::vector<int> PixelAt(const Image& image, int x, int y) {
  const uint8_t* pixel = image.pixels.data() + 3 * (y * image.width + x);
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(RegionInputTest, ARegionOfTheInputsSizeIsCopiedAsAMirrorShowsIt) {
  const RegionInput input = CutRegion(Ramp(16, 16), {0.25f, 0.5f, 0.75f, 1}, kLetterbox8);
  EXPECT_EQ(input.pixels.width, 8);
  EXPECT_EQ(input.pixels.height, 8);
  EXPECT_EQ(PixelAt(input.pixels, 0, 0), (std::vector<int>{110, 80, 200}));
  EXPECT_EQ(PixelAt(input.pixels, 7, 7), (std::vector<int>{40, 150, 200}));
  EXPECT_EQ(input.region, (NormalizedBox{0.25f, 0.5f, 0.75f, 1}));
}

TEST(RegionInputTest, AWideRegionIsLetterboxedOnBlack) {
  const RegionInput input = CutRegion(Ramp(16, 16), {0, 0, 1, 0.25f}, kLetterbox8);
  EXPECT_EQ(PixelAt(input.pixels, 4, 2), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(PixelAt(input.pixels, 4, 5), (std::vector<int>{0, 0, 0}));
  // Half the scale: the mean of four pixels.
  EXPECT_EQ(PixelAt(input.pixels, 7, 3), (std::vector<int>{5, 5, 200}));
  EXPECT_EQ(input.frame.width, 16);
  EXPECT_EQ(input.frame.height, 4);
  EXPECT_FLOAT_EQ(input.frame.geometry.scale_x, 0.5f);
  EXPECT_FLOAT_EQ(input.frame.geometry.scale_y, 0.5f);
  EXPECT_FLOAT_EQ(input.frame.geometry.pad_x, 0);
  EXPECT_FLOAT_EQ(input.frame.geometry.pad_y, 3);
}

TEST(RegionInputTest, ASmallRegionIsEnlargedAroundHalfPixelCentres) {
  const RegionInput input = CutRegion(Ramp(16, 16), {0, 0, 0.25f, 0.25f}, kLetterbox8);
  EXPECT_EQ(PixelAt(input.pixels, 7, 0), (std::vector<int>{0, 0, 200}));
  EXPECT_NEAR(PixelAt(input.pixels, 4, 0)[0], 12.5, 0.51);  // 1.25 of the source
  EXPECT_NEAR(PixelAt(input.pixels, 3, 0)[0], 17.5, 0.51);  // 1.75
}

TEST(RegionInputTest, ARegionIsWidenedToWholePixels) {
  const RegionInput input = CutRegion(Ramp(10, 10), {0.12f, 0.3f, 0.55f, 0.9f}, kLetterbox8);
  EXPECT_EQ(input.frame.width, 5);
  EXPECT_EQ(input.frame.height, 6);
  EXPECT_FLOAT_EQ(input.region.x_min, 0.1f);
  EXPECT_FLOAT_EQ(input.region.y_min, 0.3f);
  EXPECT_FLOAT_EQ(input.region.x_max, 0.6f);
  EXPECT_FLOAT_EQ(input.region.y_max, 0.9f);
}

TEST(RegionInputTest, AnEmptyOrOutsideRegionIsAPixelInside) {
  const RegionInput input = CutRegion(Ramp(10, 10), {1, 1, 1.2f, 1.2f}, kLetterbox8);
  EXPECT_EQ(input.frame.width, 1);
  EXPECT_EQ(PixelAt(input.pixels, 4, 4), (std::vector<int>{90, 90, 200}));
}

TEST(RegionInputTest, AStretchingEyeFillsItsSquare) {
  const RegionInput input =
      CutRegion(Ramp(16, 16), {0, 0, 1, 0.5f}, {8, ImageSpec::Resize::kStretch});
  EXPECT_EQ(PixelAt(input.pixels, 0, 7), (std::vector<int>{145, 70, 200}));
  EXPECT_FLOAT_EQ(input.frame.geometry.scale_x, 0.5f);
  EXPECT_FLOAT_EQ(input.frame.geometry.scale_y, 1);
}

TEST(RegionInputTest, ABoxOfTheMirroredPartTakesItsPlaceInTheImage) {
  const NormalizedBox box = FromMirroredRegion({0.2f, 0.4f, 0.6f, 0.8f}, {0.5f, 0.25f, 1, 0.75f});
  EXPECT_NEAR(box.x_min, 0.7f, 1e-6);
  EXPECT_NEAR(box.y_min, 0.45f, 1e-6);
  EXPECT_NEAR(box.x_max, 0.9f, 1e-6);
  EXPECT_NEAR(box.y_max, 0.65f, 1e-6);
}

TEST(RegionInputTest, ADetailWithoutPixelsIsAnError) {
  EXPECT_THROW(CutRegion({}, {0, 0, 1, 1}, kLetterbox8), c10::Error);
}

}  // namespace
}  // namespace mrmllm
