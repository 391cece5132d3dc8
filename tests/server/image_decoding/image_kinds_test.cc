// SPDX-License-Identifier: Apache-2.0
// What every kind of pixel becomes: 8-bit RGB, upright, opaque.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "server/image_decoding/image_decoder.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

const Rgb kRed{255, 0, 0};
const Rgb kGreen{0, 255, 0};
const Rgb kBlue{0, 0, 255};
const Rgb kWhite{255, 255, 255};

std::shared_ptr<const ImageInput> Decode(const std::string& bytes) {
  const ImageDecoder decoder({1 << 20, 1'000'000, 4'000}, {32, ImageSpec::Resize::kLetterbox},
                             {16, ImageSpec::Resize::kStretch}, 1'000);
  auto input = decoder.DecodeEncoded(bytes);
  EXPECT_TRUE(input.ok()) << input.status();
  return input.ok() ? *input : std::make_shared<ImageInput>();
}

void ExpectPixel(const Image& image, int x, int y, const Rgb& expected, int tolerance) {
  ASSERT_LT(x, image.width);
  ASSERT_LT(y, image.height);
  const Rgb pixel = PixelAt(image, x, y);
  for (int c = 0; c < 3; ++c) {
    EXPECT_LE(std::abs(pixel[c] - expected[c]), tolerance)
        << "pixel " << x << ", " << y << " channel " << c << ": " << pixel[c];
  }
}

void ExpectQuadrants(const std::string& name, int tolerance) {
  SCOPED_TRACE(name);
  const auto input = Decode(ReadTestImage(name));
  ExpectPixel(input->detail, 2, 2, kRed, tolerance);
  ExpectPixel(input->detail, 13, 2, kGreen, tolerance);
  ExpectPixel(input->detail, 2, 13, kBlue, tolerance);
  ExpectPixel(input->detail, 13, 13, kWhite, tolerance);
}

TEST(ImageKindsTest, AllFormatsAndProgressiveAndCmykAndPalette) {
  ExpectQuadrants("progressive.jpg", 30);
  ExpectQuadrants("cmyk.jpg", 30);
  ExpectQuadrants("palette.png", 0);
  ExpectQuadrants("alpha.webp", 0);
  for (const char* extension : {".png", ".bmp", ".jpg", ".webp"}) {
    SCOPED_TRACE(extension);
    const auto input = Decode(EncodeRedGreen(extension, 32, 16));
    ExpectPixel(input->detail, 4, 8, kRed, 20);
    ExpectPixel(input->detail, 27, 8, kGreen, 20);
  }
}

TEST(ImageKindsTest, SixteenBitsAreScaledDown) {
  ExpectPixel(Decode(EncodePngPixel16({65535, 257 * 100, 0}))->detail, 0, 0, {255, 100, 0}, 0);
}

TEST(ImageKindsTest, AlphaLiesOverWhite) {
  ExpectPixel(Decode(EncodePngPixel({10, 20, 30, 255}))->detail, 0, 0, {10, 20, 30}, 0);
  ExpectPixel(Decode(EncodePngPixel({10, 20, 30, 0}))->detail, 0, 0, kWhite, 0);
  ExpectPixel(Decode(EncodePngPixel({0, 0, 0, 51}))->detail, 0, 0, {204, 204, 204}, 0);
  ExpectPixel(Decode(ReadTestImage("gray_alpha.png"))->detail, 0, 0, kWhite, 0);
  ExpectPixel(Decode(ReadTestImage("alpha.webp"))->detail, 0, 0, kWhite, 0);
  ExpectPixel(Decode(ReadTestImage("palette_transparent.png"))->detail, 2, 2, kWhite, 0);
  ExpectPixel(Decode(ReadTestImage("palette_transparent.png"))->detail, 13, 2, kGreen, 0);
}

TEST(ImageKindsTest, GrayBecomesThreeEqualChannels) {
  ExpectPixel(Decode(EncodeGrayPng(3, 2, 77))->detail, 2, 1, {77, 77, 77}, 0);
  ExpectPixel(Decode(ReadTestImage("one_bit.png"))->detail, 13, 13, kWhite, 0);
}

TEST(ImageKindsTest, AnAnimatedPngGivesItsFirstPicture) {
  ExpectPixel(Decode(ReadTestImage("animated.png"))->detail, 4, 4, kRed, 0);
}

// Where the red half of a picture that is stored with red on the left lies once displayed.
enum class Side { kLeft, kRight, kTop, kBottom };

struct OrientationCase {
  int orientation;
  Side red;
};

class OrientationTest : public ::testing::TestWithParam<OrientationCase> {};

TEST_P(OrientationTest, TurnsThePictureAsDisplayed) {
  const auto input =
      Decode(WithOrientation(EncodeRedGreen(".jpg", 64, 32), GetParam().orientation));
  const Side red = GetParam().red;
  const bool upright = red == Side::kLeft || red == Side::kRight;
  EXPECT_EQ(input->width, upright ? 64 : 32);
  EXPECT_EQ(input->height, upright ? 32 : 64);
  EXPECT_EQ(input->detail.width, input->width);
  const bool red_first = red == Side::kLeft || red == Side::kTop;
  ExpectPixel(input->detail, 8, 8, red_first ? kRed : kGreen, 20);
  ExpectPixel(input->detail, input->width - 8, input->height - 8, red_first ? kGreen : kRed, 20);
}

INSTANTIATE_TEST_SUITE_P(
    All, OrientationTest,
    ::testing::Values(OrientationCase{1, Side::kLeft}, OrientationCase{2, Side::kRight},
                      OrientationCase{3, Side::kRight}, OrientationCase{4, Side::kLeft},
                      OrientationCase{5, Side::kTop}, OrientationCase{6, Side::kTop},
                      OrientationCase{7, Side::kBottom}, OrientationCase{8, Side::kBottom}));

TEST(ImageKindsTest, TellsMirrorsFromTurns) {
  // Quadrants: red, green / blue, white. Corner seen at the top left for each orientation.
  const Rgb corner[] = {kRed, kGreen, kWhite, kBlue, kRed, kBlue, kWhite, kGreen};
  const Rgb next[] = {kGreen, kRed, kBlue, kWhite, kBlue, kRed, kGreen, kWhite};
  const std::string jpeg = ReadTestImage("progressive.jpg");
  for (int i = 0; i < 8; ++i) {
    SCOPED_TRACE(i + 1);
    const auto input = Decode(WithOrientation(jpeg, i + 1));
    ExpectPixel(input->detail, 2, 2, corner[i], 30);
    ExpectPixel(input->detail, 13, 2, next[i], 30);
  }
}

TEST(ImageKindsTest, OrientationWorksAlikeInEveryKind) {
  for (const char* name : {"orientation_6.jpg", "orientation_6.png", "orientation_6.webp"}) {
    SCOPED_TRACE(name);
    const auto input = Decode(ReadTestImage(name));
    EXPECT_EQ(input->width, 8);
    EXPECT_EQ(input->height, 16);
    ExpectPixel(input->detail, 4, 2, kRed, 30);
    ExpectPixel(input->detail, 4, 13, kGreen, 30);
  }
}

}  // namespace
}  // namespace mrmllm
