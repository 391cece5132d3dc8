// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/input_resizing.h"

#include <gtest/gtest.h>

namespace mrmllm {
namespace {

const cv::Scalar kGray(90, 90, 90);

TEST(InputResizingTest, LetterboxCentresThePictureOnBlack) {
  const ResizedInput input =
      ResizeToInput(cv::Mat(100, 200, CV_8UC3, kGray), {40, ImageSpec::Resize::kLetterbox});
  EXPECT_EQ(input.pixels.size(), cv::Size(40, 40));
  EXPECT_FLOAT_EQ(input.geometry.scale_x, 0.2f);
  EXPECT_FLOAT_EQ(input.geometry.scale_y, 0.2f);
  EXPECT_EQ(input.geometry.pad_x, 0);
  EXPECT_EQ(input.geometry.pad_y, 10);
  EXPECT_EQ(input.pixels.at<cv::Vec3b>(9, 20), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(input.pixels.at<cv::Vec3b>(10, 20), cv::Vec3b(90, 90, 90));
  EXPECT_EQ(input.pixels.at<cv::Vec3b>(29, 20), cv::Vec3b(90, 90, 90));
  EXPECT_EQ(input.pixels.at<cv::Vec3b>(30, 20), cv::Vec3b(0, 0, 0));
}

TEST(InputResizingTest, StretchFillsTheSquareAndKeepsAScaleASide) {
  const ResizedInput input =
      ResizeToInput(cv::Mat(100, 200, CV_8UC3, kGray), {40, ImageSpec::Resize::kStretch});
  EXPECT_FLOAT_EQ(input.geometry.scale_x, 0.2f);
  EXPECT_FLOAT_EQ(input.geometry.scale_y, 0.4f);
  EXPECT_EQ(input.geometry.pad_y, 0);
  EXPECT_EQ(input.pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(90, 90, 90));
}

TEST(InputResizingTest, ALetterboxedLineKeepsOnePixel) {
  for (const cv::Size size : {cv::Size(1, 5'000), cv::Size(5'000, 1), cv::Size(1, 1)}) {
    const ResizedInput input =
        ResizeToInput(cv::Mat(size, CV_8UC1, kGray), {32, ImageSpec::Resize::kLetterbox});
    EXPECT_GT(cv::countNonZero(input.pixels), 0) << size;
    EXPECT_GT(input.geometry.scale_x * size.width, 0.99f) << size;
    EXPECT_GT(input.geometry.scale_y * size.height, 0.99f) << size;
  }
}

TEST(InputResizingTest, EveryImagePointStaysInsideTheSquare) {
  for (int width = 1; width < 300; width += 7) {
    for (int height = 1; height < 300; height += 11) {
      const ResizeGeometry geometry =
          ResizeToInput(cv::Mat(height, width, CV_8UC1, kGray), {64, ImageSpec::Resize::kLetterbox})
              .geometry;
      EXPECT_GE(geometry.pad_x, 0);
      EXPECT_LE(geometry.pad_x + geometry.scale_x * width, 64.001f) << width << " x " << height;
      EXPECT_LE(geometry.pad_y + geometry.scale_y * height, 64.001f) << width << " x " << height;
    }
  }
}

TEST(InputResizingTest, ShrinksOnlyWhatIsLarger) {
  EXPECT_EQ(ShrinkToSide(cv::Mat(50, 100, CV_8UC3, kGray), 100).size(), cv::Size(100, 50));
  EXPECT_EQ(ShrinkToSide(cv::Mat(50, 101, CV_8UC3, kGray), 100).cols, 100);
  EXPECT_EQ(ShrinkToSide(cv::Mat(1'000, 1, CV_8UC3, kGray), 100).size(), cv::Size(1, 100));
}

}  // namespace
}  // namespace mrmllm
