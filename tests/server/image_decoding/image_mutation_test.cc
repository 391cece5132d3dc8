// SPDX-License-Identifier: Apache-2.0
// Seeded damage to valid files: decoding may refuse, but never crashes, never exceeds its limits
// and never returns a picture of another size than the header check promised.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/image_decoding/image_decoder.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

constexpr ImageLimits kLimits{.max_bytes = 1 << 16, .max_pixels = 250'000, .max_side = 2'000};

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const char* extension : {".jpg", ".png", ".webp", ".bmp"}) {
    seeds.push_back(EncodeRedGreen(extension, 23, 17));
  }
  seeds.push_back(WithOrientation(seeds[0], 5));
  for (const char* name : {"cmyk.jpg", "progressive.jpg", "palette_transparent.png",
                           "orientation_6.png", "orientation_6.webp", "animated.webp"}) {
    seeds.push_back(ReadTestImage(name));
  }
  return seeds;
}

std::string Mutate(std::string bytes, std::mt19937& random) {
  const auto below = [&](size_t limit) { return random() % limit; };
  for (size_t i = 0; i <= below(4); ++i) {
    if (bytes.empty()) break;
    switch (below(4)) {
      case 0:
        bytes[below(bytes.size())] = static_cast<char>(random());
        break;
      case 1:
        // Headers are where the traps are.
        bytes[below(std::min<size_t>(bytes.size(), 64))] = static_cast<char>(below(2) ? 0xFF : 0);
        break;
      case 2:
        bytes.resize(below(bytes.size()));
        break;
      default:
        bytes.insert(below(bytes.size()), bytes.substr(below(bytes.size()), below(32)));
        break;
    }
  }
  return bytes;
}

TEST(ImageMutationTest, DamagedFilesAreRefusedOrDecodedAtTheirHeadersSize) {
  const ImageDecoder decoder(kLimits, {32, ImageSpec::Resize::kLetterbox},
                             {16, ImageSpec::Resize::kStretch}, 64);
  std::mt19937 random(20261123);
  const std::vector<std::string> seeds = Seeds();
  for (int round = 0; round < 6'000; ++round) {
    const std::string bytes = Mutate(seeds[round % seeds.size()], random);
    const auto size = decoder.CheckEncoded(bytes);
    const auto input = decoder.DecodeEncoded(bytes);
    if (!input.ok()) {
      ASSERT_EQ(input.status().code(), absl::StatusCode::kInvalidArgument) << round;
      continue;
    }
    ASSERT_TRUE(size.ok()) << round;
    ASSERT_EQ(*size, (ImageSize{(*input)->width, (*input)->height})) << round;
    ASSERT_EQ((*input)->detector_pixels.pixels.size(), 32u * 32 * 3) << round;
  }
}

TEST(ImageMutationTest, RandomBytesAreRefused) {
  const ImageDecoder decoder(kLimits, {32, ImageSpec::Resize::kLetterbox},
                             {16, ImageSpec::Resize::kStretch}, 64);
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(decoder.DecodeEncoded(bytes).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace mrmllm
