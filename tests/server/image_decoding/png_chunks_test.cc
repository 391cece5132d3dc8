// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/png_chunks.h"

#include <zlib.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/image_decoding/image_decoder.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string Chunk(const std::string& name, const std::string& data) {
  const std::string body = name + data;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return BigEndian(data.size()) + body + BigEndian(sum);
}

// A text chunk of a few kilobytes that unpacks to `bytes` zeros.
std::string Bomb(size_t bytes) {
  const std::string zeros(bytes, '\0');
  std::string packed(compressBound(bytes), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(zeros.data()), bytes);
  return Chunk("zTXt", std::string("a\0\0", 3) + packed.substr(0, size));
}

// Between the header and the pixels.
std::string With(std::string png, const std::string& chunks) { return png.insert(33, chunks); }

int64_t PeakResidentKilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes;
  }
  return 0;
}

TEST(PngChunksTest, APngWithoutCompressedMetadataWillDo) {
  const std::string png = EncodeRedGreen(".png", 8, 8);
  EXPECT_EQ(WithoutCompressedMetadata(png), "");
  EXPECT_EQ(WithoutCompressedMetadata(With(png, Chunk("tEXt", "a\0b"))), "");
}

TEST(PngChunksTest, WithItOnlyWhatThePixelsNeedIsLeft) {
  const std::string png = EncodeRedGreen(".png", 8, 8);
  for (const std::string name : {"zTXt", "iTXt", "iCCP"}) {
    EXPECT_EQ(WithoutCompressedMetadata(With(png, Chunk(name, "x") + Chunk("tEXt", "y"))), png);
  }
  const std::string palette = With(png, Chunk("PLTE", "abc") + Chunk("tRNS", "a"));
  EXPECT_EQ(WithoutCompressedMetadata(With(palette, Chunk("iCCP", "x"))), palette);
}

TEST(PngChunksTest, AFileThatIsCutOffStaysCutOff) {
  const std::string png = With(EncodeRedGreen(".png", 8, 8), Chunk("iCCP", "x"));
  const std::string cut = WithoutCompressedMetadata(png.substr(0, png.size() - 20));
  EXPECT_THAT(cut, Not(HasSubstr("iCCP")));
  EXPECT_THAT(cut, Not(HasSubstr("IEND")));
}

TEST(PngChunksTest, ABombOfTextsIsNotUnpacked) {
  constexpr ImageLimits kLimits{.max_bytes = 4 << 20, .max_pixels = 10'000, .max_side = 100};
  const ImageDecoder decoder(kLimits, {32, ImageSpec::Resize::kLetterbox},
                             {16, ImageSpec::Resize::kStretch}, 64);
  const std::string plain = EncodeRedGreen(".png", 8, 8);
  const std::string text = Bomb(7'900'000);
  std::string texts;
  for (int i = 0; i < 100; ++i) texts += text;
  const int64_t before = PeakResidentKilobytes();
  const auto input = decoder.DecodeEncoded(With(plain, texts));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_LT(PeakResidentKilobytes() - before, 200'000);
}

}  // namespace
}  // namespace mrmllm
