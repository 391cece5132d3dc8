// SPDX-License-Identifier: Apache-2.0
#include "client/draw/picture_file.h"

#include "gtest/gtest.h"
#include "opencv2/imgcodecs.hpp"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

std::string Png(const cv::Mat& picture) {
  std::vector<uint8_t> bytes;
  cv::imencode(".png", picture, bytes);
  return std::string(bytes.begin(), bytes.end());
}

TEST(DecodePictureTest, ReadsAPicture) {
  const auto picture = DecodePicture(Png(cv::Mat(4, 6, CV_8UC3, cv::Scalar(1, 2, 3))));
  ASSERT_OK(picture);
  EXPECT_EQ(picture->cols, 6);
  EXPECT_EQ(picture->at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
}

TEST(DecodePictureTest, LaysAlphaOverWhite) {
  const auto picture = DecodePicture(Png(cv::Mat(4, 6, CV_8UC4, cv::Scalar(0, 0, 0, 51))));
  ASSERT_OK(picture);
  EXPECT_EQ(picture->at<cv::Vec3b>(0, 0), cv::Vec3b(204, 204, 204));
}

TEST(DecodePictureTest, RefusesWhatIsNoPicture) {
  EXPECT_THAT(DecodePicture("hello"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(DecodePicture(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(WritePictureTest, WritesWhatCanBeReadAgain) {
  const std::string path = testing::TempDir() + "written.png";
  ASSERT_OK(WritePicture(path, cv::Mat(4, 6, CV_8UC3, cv::Scalar(9, 8, 7))));
  EXPECT_EQ(cv::imread(path).at<cv::Vec3b>(3, 5), cv::Vec3b(9, 8, 7));
}

TEST(WritePictureTest, NamesAPathItCannotWrite) {
  EXPECT_THAT(WritePicture("/no/such/folder/a.png", cv::Mat(4, 6, CV_8UC3)),
              StatusIs(absl::StatusCode::kPermissionDenied, testing::HasSubstr("/no/such/folder")));
}

}  // namespace
}  // namespace mrmllm
