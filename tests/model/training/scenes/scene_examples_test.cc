// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/scene_examples.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/model/training/scenes/bundle_config.h"

namespace mrmllm {
namespace {

class SceneExamplesTest : public testing::Test {
 protected:
  SceneExamples Make(uint64_t seed) { return SceneExamples(BundleConfig(), tokenizer_, seed); }
  std::vector<TrainingExample> Draw(size_t count, uint64_t seed = 11) {
    SceneExamples source = Make(seed);
    std::vector<TrainingExample> examples;
    for (size_t i = 0; i < count; ++i) examples.push_back(source.Next());
    return examples;
  }
  std::shared_ptr<const Tokenizer> tokenizer_ = MakeTokenizer(SmallTokenizerJson());
};

TEST_F(SceneExamplesTest, AreTheSameForASeedAndOthersForAnother) {
  EXPECT_EQ(Draw(50, 5), Draw(50, 5));
  EXPECT_NE(Draw(50, 5), Draw(50, 6));
}

TEST_F(SceneExamplesTest, AreConversationsWithShortAnswers) {
  for (const TrainingExample& example : Draw(3000)) {
    ASSERT_FALSE(example.turns.empty());
    EXPECT_EQ(example.turns.back().role, Turn::Role::kUser);
    const bool perceives = example.turns.front().role == Turn::Role::kSystem;
    EXPECT_EQ(perceives, absl::StrContains(example.turns.back().text, "\n"));
    EXPECT_FALSE(example.answer.empty());
    EXPECT_LT(example.answer.size(), 400u) << example.answer;
    EXPECT_TRUE(absl::EndsWith(example.answer, ".") || absl::EndsWith(example.answer, "!") ||
                absl::EndsWith(example.answer, "?"))
        << example.answer;
    EXPECT_FALSE(absl::StrContains(example.answer, "\n"));
  }
}

// What the answer says is what the prompt says, but for the wording.
TEST_F(SceneExamplesTest, AnswersAgreeWithTheFacts) {
  int compared = 0;
  for (const TrainingExample& example : Draw(3000)) {
    const std::string& prompt = example.turns.back().text;
    const std::string first = prompt.substr(0, prompt.find('\n'));
    if (example.turns.front().role != Turn::Role::kSystem) continue;
    if (absl::StartsWith(first, "Yes, ") && !absl::StrContains(prompt, "\nNo, ")) {
      EXPECT_TRUE(absl::StartsWith(example.answer, "Yes, ")) << prompt << "\n" << example.answer;
      ++compared;
    }
    if (absl::StartsWith(first, "No, ") && !absl::StrContains(prompt, "\nYes, ")) {
      EXPECT_TRUE(absl::StartsWith(example.answer, "No, ")) << prompt << "\n" << example.answer;
      ++compared;
    }
    if (absl::StartsWith(first, "There are ") && absl::StartsWith(example.answer, "There are ") &&
        !absl::StrContains(prompt, "image 2")) {
      EXPECT_EQ(first, example.answer);
      ++compared;
    }
  }
  EXPECT_GT(compared, 500);
}

TEST_F(SceneExamplesTest, SpeakOfEveryKind) {
  std::map<std::string, int> seen;
  for (const TrainingExample& example : Draw(4000)) {
    for (const char* sign :
         {"Yes, ", "No, ", "may be", "cannot tell", "to the left of", "above", "bigger", "largest",
          "covers", "The image shows", "on the left of the image", "image 2", "animal"}) {
      if (absl::StrContains(example.answer, sign)) ++seen[sign];
    }
    if (example.turns.front().role != Turn::Role::kSystem) ++seen["general"];
    if (example.turns.size() > 2) ++seen["earlier turns"];
  }
  EXPECT_EQ(seen.size(), 15u);
  for (const auto& [sign, count] : seen) EXPECT_GT(count, 10) << sign;
}

}  // namespace
}  // namespace mrmllm
