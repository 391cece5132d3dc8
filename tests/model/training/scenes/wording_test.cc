// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/wording.h"

#include <set>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(WordingTest, FillsPlaceholders) {
  Random random(1);
  WordingFields fields = NounFields("apple");
  const WordingFields second = NounFields("wine glass", "2");
  fields.insert(fields.end(), second.begin(), second.end());
  EXPECT_EQ(FillWording("{the} or {a}, {ns2} or {the_s2}?", fields, random),
            "The apple or an apple, wine glasses or the wine glasses?");
  EXPECT_FALSE(absl::StrContains(FillWording("this {img}", {}, random), "{"));
}

TEST(WordingTest, VariesTheStyleAndMostlyLeavesIt) {
  Random random(1);
  std::multiset<std::string> styles;
  for (int i = 0; i < 1000; ++i) styles.insert(InEverydayStyle("What is in the image?", random));
  EXPECT_GT(styles.count("What is in the image?"), 400u);
  EXPECT_GT(styles.count("what is in the image"), 5u);
  EXPECT_GT(styles.count("Hey, What is in the image?"), 0u);
}

}  // namespace
}  // namespace mrmllm
