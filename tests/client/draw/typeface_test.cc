// SPDX-License-Identifier: Apache-2.0
#include "client/draw/typeface.h"

#include "gtest/gtest.h"
#include "opencv2/core.hpp"

namespace mrmllm {
namespace {

// Whichever typeface this machine has, and the one that every machine has.
class TypefaceTest : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Typeface> face_ = GetParam() ? Typeface::Load(Typeface::Weight::kBold)
                                               : Typeface::Strokes(Typeface::Weight::kBold);
};

TEST_P(TypefaceTest, LongerTextIsWider) {
  EXPECT_GT(face_->Width("golden retriever", 16), face_->Width("golden", 16));
  EXPECT_GT(face_->Width("golden", 32), face_->Width("golden", 16));
}

TEST_P(TypefaceTest, DrawsWhereItIsTold) {
  cv::Mat picture(60, 200, CV_8UC3, cv::Scalar::all(0));
  face_->Draw(picture, {.x = 100, .baseline = 40, .height = 20}, "dog", kWhite);
  EXPECT_GT(cv::sum(picture(cv::Rect(100, 20, 60, 28)))[0], 0);
  EXPECT_EQ(cv::sum(picture(cv::Rect(0, 0, 95, 60)))[0], 0);
}

TEST_P(TypefaceTest, CutsOffWhatLiesOutside) {
  cv::Mat picture(10, 10, CV_8UC3, cv::Scalar::all(0));
  face_->Draw(picture, {.x = -20, .baseline = 5, .height = 40}, "ein großer Hund 🐕 \xFF", kWhite);
  EXPECT_EQ(picture.rows, 10);
}

INSTANTIATE_TEST_SUITE_P(Both, TypefaceTest, testing::Bool());

}  // namespace
}  // namespace mrmllm
