// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/image_header.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

struct KindCase {
  const char* extension;
  ImageKind kind;
};

class ImageHeaderKindTest : public ::testing::TestWithParam<KindCase> {};

TEST_P(ImageHeaderKindTest, ReadsKindAndSize) {
  const auto header = ReadImageHeader(EncodeRedGreen(GetParam().extension, 37, 21));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->kind, GetParam().kind);
  EXPECT_EQ(header->displayed(), (ImageSize{37, 21}));
}

TEST_P(ImageHeaderKindTest, RefusesEveryCutInsideTheFirstBytes) {
  const std::string whole = EncodeRedGreen(GetParam().extension, 37, 21);
  for (size_t length = 0; length < 24; ++length) {
    const auto header = ReadImageHeader(whole.substr(0, length));
    EXPECT_EQ(header.status().code(), absl::StatusCode::kInvalidArgument) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ImageHeaderKindTest,
                         ::testing::Values(KindCase{".jpg", ImageKind::kJpeg},
                                           KindCase{".png", ImageKind::kPng},
                                           KindCase{".webp", ImageKind::kWebp},
                                           KindCase{".bmp", ImageKind::kBmp}));

TEST(ImageHeaderTest, ReadsTheLosslessAndTheExtendedWebp) {
  for (const char* name : {"alpha.webp", "orientation_6.webp"}) {
    const auto header = ReadImageHeader(ReadTestImage(name));
    ASSERT_TRUE(header.ok()) << name << ": " << header.status();
    EXPECT_EQ(header->width, 16) << name;
  }
}

TEST(ImageHeaderTest, SwapsTheSidesOfAPictureThatLiesOnItsSide) {
  for (const char* name : {"orientation_6.jpg", "orientation_6.png", "orientation_6.webp"}) {
    const auto header = ReadImageHeader(ReadTestImage(name));
    ASSERT_TRUE(header.ok()) << name << ": " << header.status();
    EXPECT_EQ(header->orientation, 6) << name;
    EXPECT_EQ(header->displayed(), (ImageSize{8, 16})) << name;
  }
}

TEST(ImageHeaderTest, TakesAnImpossibleOrientationForUpright) {
  const std::string jpeg = EncodeRedGreen(".jpg", 4, 2);
  EXPECT_EQ(ReadImageHeader(WithOrientation(jpeg, 0))->orientation, 1);
  EXPECT_EQ(ReadImageHeader(WithOrientation(jpeg, 9))->orientation, 1);
}

TEST(ImageHeaderTest, RefusesAnAnimatedWebp) {
  const auto header = ReadImageHeader(ReadTestImage("animated.webp"));
  EXPECT_THAT(std::string(header.status().message()), HasSubstr("animated"));
}

TEST(ImageHeaderTest, RefusesSidesOfZeroAndBeyondInt) {
  EXPECT_FALSE(ReadImageHeader(PngHeaderClaiming(0, 5, 0)).ok());
  EXPECT_FALSE(ReadImageHeader(PngHeaderClaiming(5, 0x80000000u, 0)).ok());
  EXPECT_TRUE(ReadImageHeader(PngHeaderClaiming(5, 0x7FFFFFFFu, 0)).ok());
}

TEST(ImageHeaderTest, ReadsABmpWhoseRowsGoDownAndRefusesTheSmallestHeight) {
  std::string bmp = EncodeRedGreen(".bmp", 4, 3);
  bmp.replace(22, 4, std::string("\xFD\xFF\xFF\xFF", 4));
  EXPECT_EQ(ReadImageHeader(bmp)->height, 3);
  bmp.replace(22, 4, std::string("\x00\x00\x00\x80", 4));
  EXPECT_FALSE(ReadImageHeader(bmp).ok());
}

TEST(ImageHeaderTest, SaysWhatItExpectedAndWhatCame) {
  EXPECT_THAT(std::string(ReadImageHeader("GIF89a..").status().message()),
              HasSubstr("expected JPEG, PNG, WebP or BMP, got bytes starting with 474946383961"));
  EXPECT_THAT(std::string(ReadImageHeader("").status().message()), HasSubstr("got no bytes"));
}

}  // namespace
}  // namespace mrmllm
