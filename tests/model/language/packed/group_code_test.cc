// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/group_code.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gtest/gtest.h"

namespace mrmllm::packed {
namespace {

using Weights = std::array<float, kGroup>;

float AsBfloat16(float value) { return static_cast<float>(c10::BFloat16(value)); }
float AsHalf(float value) { return static_cast<float>(c10::Half(value)); }

// A group as GGUF's Q4_1 holds it, both extreme codes among its codes, and what a bundle keeps of
// it: its values in bfloat16.
struct Q4Group {
  std::array<uint8_t, kGroup> codes;
  float scale;
  float minimum;
  Weights stored;
};

Q4Group RandomQ4(std::mt19937& random) {
  Q4Group group;
  std::normal_distribution<float> normal;
  group.scale = AsHalf(0.01f * (0.2f + std::fabs(normal(random))));
  group.minimum = AsHalf(group.scale * (-8 + normal(random)));
  for (uint8_t& code : group.codes) code = random() % 16;
  group.codes[random() % 16] = 0;
  group.codes[16 + random() % 16] = 15;
  for (int i = 0; i < kGroup; ++i) {
    group.stored[i] = AsBfloat16(group.minimum + group.scale * group.codes[i]);
  }
  return group;
}

TEST(GroupCodeTest, FourBitGroupsOfAPublishedModelComeBackCodeForCode) {
  std::mt19937 random(1);
  for (int n = 0; n < 20'000; ++n) {
    const Q4Group group = RandomQ4(random);
    const GroupCode code = EncodeInt4(group.stored.data());
    ASSERT_EQ(code.codes, group.codes) << "group " << n;
    EXPECT_NEAR(code.scale, group.scale, group.scale / 250) << "group " << n;
  }
}

TEST(GroupCodeTest, EightBitGroupsOfAPublishedModelComeBackInAllButAFewCodes) {
  std::mt19937 random(2);
  int wrong = 0;
  for (int n = 0; n < 20'000; ++n) {
    const float scale = AsHalf(0.001f * (1 + random() % 100));
    Weights stored;
    std::array<uint8_t, kGroup> codes;
    for (int i = 0; i < kGroup; ++i) {
      const int q = i == 5 ? 127 : static_cast<int>(random() % 255) - 127;
      codes[i] = static_cast<uint8_t>(q + kZeroCode8);
      stored[i] = AsBfloat16(scale * q);
    }
    const GroupCode code = EncodeInt8(stored.data());
    for (int i = 0; i < kGroup; ++i) {
      wrong += code.codes[i] != codes[i];
      EXPECT_LE(std::abs(code.codes[i] - codes[i]), 1);
    }
  }
  // bfloat16 rounds the largest codes by up to a quarter of a step, so a few fall to a neighbour.
  EXPECT_LT(wrong, 20'000 * kGroup / 100);
}

TEST(GroupCodeTest, AnyWeightIsWithinAStep) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (int n = 0; n < 1000; ++n) {
    Weights weights;
    for (float& w : weights) w = normal(random);
    const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
    const GroupCode four = EncodeInt4(weights.data());
    const GroupCode eight = EncodeInt8(weights.data());
    const float largest = std::max(-*low, *high);
    for (int i = 0; i < kGroup; ++i) {
      // The fit may move an extreme by more, to bring the others closer.
      EXPECT_NEAR(four.minimum + four.scale * four.codes[i], weights[i], (*high - *low) / 15);
      EXPECT_NEAR(eight.minimum + eight.scale * eight.codes[i], weights[i], largest / 127);
    }
  }
}

TEST(GroupCodeTest, EqualWeightsComeBackAsTheyWere) {
  Weights weights;
  for (const float value : {0.0f, 0.25f, -3.0f}) {
    weights.fill(value);
    const GroupCode four = EncodeInt4(weights.data());
    const GroupCode eight = EncodeInt8(weights.data());
    for (int i = 0; i < kGroup; ++i) {
      EXPECT_EQ(four.minimum + four.scale * four.codes[i], value);
      EXPECT_NEAR(eight.minimum + eight.scale * eight.codes[i], value, 1e-6);
    }
  }
}

}  // namespace
}  // namespace mrmllm::packed
