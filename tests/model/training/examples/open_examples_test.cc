// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/open_examples.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/model/training/examples/training_bundle.h"
#include "tests/model/training/examples/written_file.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using Split = JsonlExamples::Split;

SourceRecipe Lines(const std::string& answer, double held_out) {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += R"({"turns": [{"role": "user", "text": "q"}], "answer": ")" + answer + "\"}\n";
  }
  return {.name = answer,
          .kind = "jsonl",
          .weight = 1,
          .path = WrittenFile(answer + ".jsonl", text),
          .held_out = held_out};
}

std::set<std::string> Answers(const Recipe& recipe, Split split) {
  const auto examples =
      OpenExamples(recipe, TrainingBundleConfig(), MakeTokenizer(SmallTokenizerJson()), split);
  EXPECT_THAT(examples.status(), IsOk());
  std::set<std::string> answers;
  for (int i = 0; i < 50; ++i) answers.insert((*examples)->Next().answer);
  return answers;
}

TEST(OpenExamplesTest, MixesTheSourcesAndHoldsOutWhatTheySay) {
  Recipe recipe;
  recipe.sources = {Lines("a", 0.2), Lines("b", 0)};
  EXPECT_THAT(Answers(recipe, Split::kTraining), testing::ElementsAre("a", "b"));
  EXPECT_THAT(Answers(recipe, Split::kHeldOut), testing::ElementsAre("a"));
}

TEST(OpenExamplesTest, SomethingMustBeHeldOut) {
  Recipe recipe;
  recipe.sources = {Lines("a", 0)};
  EXPECT_THAT(
      OpenExamples(recipe, TrainingBundleConfig(), MakeTokenizer(SmallTokenizerJson()),
                   Split::kHeldOut)
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("holds something out")));
}

TEST(OpenExamplesTest, AFileThatIsNotThereIsNamed) {
  Recipe recipe;
  recipe.sources = {{.name = "x", .kind = "jsonl", .weight = 1, .path = "no/such.jsonl"}};
  EXPECT_THAT(OpenExamples(recipe, TrainingBundleConfig(), MakeTokenizer(SmallTokenizerJson()),
                           Split::kTraining)
                  .status(),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("no/such.jsonl")));
}

}  // namespace
}  // namespace mrmllm
