// SPDX-License-Identifier: Apache-2.0
#include "client/bench/unique_image.h"

#include <vector>

#include "gtest/gtest.h"
#include "opencv2/imgcodecs.hpp"

namespace mrmllm {
namespace {

class UniqueImageTest : public testing::TestWithParam<const char*> {
 protected:
  static std::string Encoded(const char* extension) {
    cv::Mat picture(40, 60, CV_8UC3, cv::Scalar(20, 120, 220));
    picture.colRange(10, 30).setTo(cv::Scalar(200, 10, 90));
    std::vector<uint8_t> bytes;
    cv::imencode(extension, picture, bytes);
    return {bytes.begin(), bytes.end()};
  }
  static cv::Mat Decoded(const std::string& bytes) {
    return cv::imdecode(std::vector<uint8_t>(bytes.begin(), bytes.end()), cv::IMREAD_COLOR);
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, UniqueImageTest, testing::Values(".jpg", ".png", ".webp", ".bmp"),
                         [](const auto& info) { return std::string(info.param + 1); });

TEST_P(UniqueImageTest, HasTheSamePixelsAndOtherBytes) {
  const std::string original = Encoded(GetParam());
  const std::string one = WithMark(original, "bench 1/1");
  const std::string two = WithMark(original, "bench 1/2");
  EXPECT_NE(one, original);
  EXPECT_NE(one, two);
  const cv::Mat expected = Decoded(original);
  const cv::Mat got = Decoded(one);
  ASSERT_EQ(got.size(), expected.size());
  EXPECT_EQ(cv::norm(got, expected, cv::NORM_INF), 0);
}

TEST(PngTextTest, HasAChecksumThatReadersAccept) {
  // The chunk as another writer of PNG makes it: length, type, text, checksum.
  const std::string header("\x89PNG\r\n\x1A\n", 8);
  const std::string marked = WithMark(header + std::string(25, 'x'), "hi");
  EXPECT_EQ(marked.substr(33),
            std::string("\0\0\0\x0AtEXtComment\0hi", 18) + std::string("\xA2\xA2\x58\x66", 4));
}

}  // namespace
}  // namespace mrmllm
