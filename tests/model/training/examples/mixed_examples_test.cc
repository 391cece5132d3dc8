// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/mixed_examples.h"

#include "gtest/gtest.h"
#include "tests/model/training/listed_examples.h"

namespace mrmllm {
namespace {

std::unique_ptr<ExampleSource> Mixed(uint64_t seed) {
  std::vector<MixedExamples::Part> parts;
  const std::vector<std::pair<std::string, std::string>> few = {{"q", "few"}};
  const std::vector<std::pair<std::string, std::string>> many = {{"q", "1"}, {"q", "2"}};
  parts.push_back({std::make_unique<ListedExamples>(few), 1});
  parts.push_back({std::make_unique<ListedExamples>(many), 3});
  return std::make_unique<MixedExamples>(std::move(parts), seed);
}

TEST(MixedExamplesTest, DrawsInProportionToTheWeights) {
  const auto mixed = Mixed(1);
  int few = 0;
  for (int i = 0; i < 4000; ++i) few += mixed->Next().answer == "few" ? 1 : 0;
  EXPECT_NEAR(few, 1000, 100);
}

TEST(MixedExamplesTest, TheSameSeedGivesTheSameExamples) {
  const auto a = Mixed(5);
  const auto b = Mixed(5);
  const auto other = Mixed(6);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const TrainingExample example = a->Next();
    EXPECT_EQ(example, b->Next());
    different += example == other->Next() ? 0 : 1;
  }
  EXPECT_GT(different, 0);
}

TEST(MixedExamplesTest, EachSourceKeepsItsOwnOrder) {
  const auto mixed = Mixed(2);
  std::string last = "2";
  for (int i = 0; i < 100; ++i) {
    const std::string answer = mixed->Next().answer;
    if (answer == "few") continue;
    EXPECT_NE(answer, last);
    last = answer;
  }
}

}  // namespace
}  // namespace mrmllm
