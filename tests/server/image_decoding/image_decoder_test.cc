// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/image_decoder.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/image_decoding/jpeg_markers.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

constexpr ImageLimits kLimits{.max_bytes = 1 << 20, .max_pixels = 1'000'000, .max_side = 4'000};
constexpr ImageSpec kDetector{32, ImageSpec::Resize::kLetterbox};
constexpr ImageSpec kEncoder{16, ImageSpec::Resize::kStretch};

ImageDecoder MakeDecoder() { return ImageDecoder(kLimits, kDetector, kEncoder, 64); }

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(ImageDecoderTest, MakesBothInputsAndTheDetail) {
  const auto input = MakeDecoder().DecodeEncoded(EncodeRedGreen(".png", 128, 64));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ((*input)->width, 128);
  EXPECT_EQ((*input)->height, 64);
  EXPECT_EQ((*input)->detector_pixels.width, 32);
  EXPECT_EQ((*input)->encoder_pixels.height, 16);
  EXPECT_EQ((*input)->detail.width, 64);
  EXPECT_EQ((*input)->detail.height, 32);
  EXPECT_EQ(PixelAt((*input)->detail, 3, 3), (Rgb{255, 0, 0}));
  EXPECT_EQ(PixelAt((*input)->encoder_pixels, 15, 3), (Rgb{0, 255, 0}));
}

TEST(ImageDecoderTest, AJpegThatIsDecodedSmallerIsTheSamePicture) {
  for (const auto& [width, height] : {std::pair{128, 64}, {301, 150}, {90, 599}, {999, 1'000}}) {
    const auto whole = MakeDecoder().DecodeEncoded(EncodeRedGreen(".png", width, height));
    const auto reduced = MakeDecoder().DecodeEncoded(EncodeRedGreen(".jpg", width, height));
    SCOPED_TRACE(testing::Message() << width << " x " << height);
    ASSERT_TRUE(whole.ok() && reduced.ok()) << reduced.status();
    EXPECT_EQ((*reduced)->width, width);
    EXPECT_EQ((*reduced)->height, height);
    EXPECT_EQ((*reduced)->detail.width, (*whole)->detail.width);
    EXPECT_NEAR((*reduced)->detail.height, (*whole)->detail.height, 1);
    const ResizeGeometry& got = (*reduced)->detector_geometry;
    const ResizeGeometry& expected = (*whole)->detector_geometry;
    EXPECT_NEAR(got.scale_x * width, expected.scale_x * width, 1);
    EXPECT_NEAR(got.scale_y * height, expected.scale_y * height, 1);
    EXPECT_NEAR(got.pad_x, expected.pad_x, 1);
    EXPECT_NEAR(got.pad_y, expected.pad_y, 1);
    for (const int x : {3, (*reduced)->detail.width - 4}) {
      for (int channel = 0; channel < 3; ++channel) {
        EXPECT_NEAR(PixelAt((*reduced)->detail, x, 3)[channel],
                    PixelAt((*whole)->detail, x, 3)[channel], 12);
      }
    }
  }
}

TEST(ImageDecoderTest, RefusesABombByItsHeader) {
  const std::string bomb = PngHeaderClaiming(30'000, 30'000, 100'000);
  const ImageDecoder wide({1 << 20, 50'000'000, 40'000}, kDetector, kEncoder, 64);
  EXPECT_THAT(Message(wide.CheckEncoded(bomb).status()),
              HasSubstr("expected at most 50000000 pixels, got 30000 x 30000 = 900000000"));
  EXPECT_THAT(Message(MakeDecoder().CheckEncoded(bomb).status()),
              HasSubstr("expected sides of at most 4000 pixels, got 30000 x 30000"));
  EXPECT_FALSE(wide.DecodeEncoded(bomb).ok());
}

TEST(ImageDecoderTest, LimitsAreInclusive) {
  const std::string bytes = EncodeRedGreen(".png", 10, 8);
  const auto size = static_cast<int64_t>(bytes.size());
  const auto accepts = [&](const ImageLimits& limits) {
    return ImageDecoder(limits, kDetector, kEncoder, 64).CheckEncoded(bytes).ok();
  };
  EXPECT_TRUE(accepts({size, 80, 10}));
  EXPECT_FALSE(accepts({size - 1, 80, 10}));
  EXPECT_FALSE(accepts({size, 79, 10}));
  EXPECT_FALSE(accepts({size, 80, 9}));
}

TEST(ImageDecoderTest, DecodesPicturesOfOnePixelAndOneRowAndOneColumn) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 3'000}, {3'000, 1}}) {
    const auto input = MakeDecoder().DecodeEncoded(EncodeRedGreen(".png", width, height));
    ASSERT_TRUE(input.ok()) << width << " x " << height << ": " << input.status();
    EXPECT_EQ((*input)->width, width);
    EXPECT_EQ((*input)->detail.width, std::min(width, 64));
    EXPECT_EQ((*input)->detail.height, std::min(height, 64));
  }
}

TEST(ImageDecoderTest, RefusesEveryKindCutInTheMiddle) {
  for (const char* extension : {".jpg", ".png", ".webp", ".bmp"}) {
    const std::string whole = EncodeRedGreen(extension, 200, 200);
    const auto input = MakeDecoder().DecodeEncoded(whole.substr(0, whole.size() * 2 / 3));
    EXPECT_EQ(input.status().code(), absl::StatusCode::kInvalidArgument) << extension;
  }
}

TEST(ImageDecoderTest, RefusesAJpegWithoutItsEndMarker) {
  const std::string whole = EncodeRedGreen(".jpg", 200, 200);
  EXPECT_TRUE(MakeDecoder().DecodeEncoded(whole + "trailing bytes").ok());
  const auto cut = MakeDecoder().DecodeEncoded(whole.substr(0, whole.size() - 2));
  EXPECT_THAT(Message(cut.status()), HasSubstr("expected a whole JPEG, got one that is cut off"));
}

TEST(ImageDecoderTest, RefusesAJpegOfThousandsOfScans) {
  const std::string whole = ReadTestImage("progressive.jpg");
  const size_t scan = whole.find("\xFF\xDA");
  ASSERT_NE(scan, std::string::npos);
  std::string many = whole.substr(0, scan);
  for (int i = 0; i < 1'000; ++i) many += std::string("\xFF\xDA\x00\x02", 4);
  EXPECT_THAT(Message(MakeDecoder().DecodeEncoded(many + "\xFF\xD9").status()),
              HasSubstr("expected a JPEG of at most 100 scans"));
}

// A whole progressive picture of 16 x 16 pixels whose last scan comes again and again.
std::string WithMoreScans(int scans) {
  const std::string whole = ReadTestImage("progressive.jpg");
  const size_t last = whole.rfind("\xFF\xDA");
  const size_t end = whole.rfind("\xFF\xD9");
  std::string many = whole.substr(0, end);
  for (int i = 0; i < scans; ++i) many += whole.substr(last, end - last);
  return many + "\xFF\xD9";
}

TEST(ImageDecoderTest, TheLargerAJpegTheFewerItsScans) {
  EXPECT_EQ(MaxJpegScans({.width = 1, .height = 1}), 100);
  EXPECT_EQ(MaxJpegScans({.width = 2'000, .height = 2'000}), 100);
  EXPECT_EQ(MaxJpegScans({.width = 2'500, .height = 4'000}), 40);
  EXPECT_EQ(MaxJpegScans({.width = 5'000, .height = 4'000}), 20);
  EXPECT_EQ(MaxJpegScans({.width = 65'535, .height = 65'535}), 20);
  const ImageDecoder decoder({.max_bytes = 1 << 20, .max_pixels = 50'000'000, .max_side = 16'384},
                             kDetector, kEncoder, 64);
  std::string picture = WithMoreScans(20);
  EXPECT_TRUE(decoder.DecodeEncoded(picture).ok());
  const size_t frame = picture.find("\xFF\xC2");
  ASSERT_NE(frame, std::string::npos);
  picture.replace(frame + 5, 4, std::string("\x0F\xA0\x13\x88", 4));  // 4000 rows of 5000
  EXPECT_THAT(Message(decoder.DecodeEncoded(picture).status()),
              HasSubstr("expected a JPEG of at most 20 scans for 5000 x 4000 pixels, got more"));
}

TEST(ImageDecoderTest, RawFormatsAgree) {
  const std::string rgb("\xFF\x00\x00\x00\xFF\x00", 6);
  const std::string bgr("\x00\x00\xFF\x00\xFF\x00", 6);
  const auto from_rgb = MakeDecoder().DecodeRaw({rgb, 2, 1, 0, RawPixels::Format::kRgb});
  const auto from_bgr = MakeDecoder().DecodeRaw({bgr, 2, 1, 6, RawPixels::Format::kBgr});
  ASSERT_TRUE(from_rgb.ok() && from_bgr.ok());
  EXPECT_EQ(PixelAt((*from_rgb)->detail, 0, 0), (Rgb{255, 0, 0}));
  EXPECT_EQ((*from_rgb)->detail.pixels, (*from_bgr)->detail.pixels);
  EXPECT_EQ((*from_rgb)->detector_pixels.pixels, (*from_bgr)->detector_pixels.pixels);
}

TEST(ImageDecoderTest, RawRowsMayBePadded) {
  const std::string gray("\x0A\x14??\x1E\x28", 6);  // two rows of two, four bytes apart
  const auto input = MakeDecoder().DecodeRaw({gray, 2, 2, 4, RawPixels::Format::kGray});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(PixelAt((*input)->detail, 1, 0), (Rgb{20, 20, 20}));
  EXPECT_EQ(PixelAt((*input)->detail, 0, 1), (Rgb{30, 30, 30}));
}

TEST(ImageDecoderTest, RefusesRawPixelsThatDoNotAddUp) {
  const ImageDecoder decoder = MakeDecoder();
  const std::string pixels(12, '\x7F');
  const auto check = [&](int width, int height, int stride) {
    return decoder.CheckRaw({pixels, width, height, stride, RawPixels::Format::kRgb});
  };
  EXPECT_TRUE(check(2, 2, 0).ok());
  EXPECT_THAT(Message(check(2, 3, 0)), HasSubstr("expected at least 18 bytes"));
  EXPECT_THAT(Message(check(2, 2, 5)), HasSubstr("row stride of 0 or at least 6 bytes, got 5"));
  EXPECT_THAT(Message(check(2, 2, -6)), HasSubstr("got -6"));
  EXPECT_THAT(Message(check(2, 2, 7)), HasSubstr("expected at least 13 bytes"));
  EXPECT_TRUE(check(4, 1, 2'000'000'000).ok());
  EXPECT_THAT(Message(check(0, 2, 0)), HasSubstr("at least 1 pixel, got 0 x 2"));
  EXPECT_THAT(Message(check(2, -1, 0)), HasSubstr("got 2 x -1"));
  EXPECT_THAT(Message(check(4'001, 1, 0)), HasSubstr("sides of at most 4000"));
}

}  // namespace
}  // namespace mrmllm
