// SPDX-License-Identifier: Apache-2.0
#include "model/training/recipe.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

constexpr const char* kRecipe = R"(
trains: language_adapters
compute: bfloat16
seed: 7
threads: 2
steps: 100
checkpoint_every_steps: 20
bundle: ../bundle
adapters: {rank: 8, alpha: 16}
optimizer: {learning_rate: 1.0e-3, warmup_steps: 10, weight_decay: 0, clip_norm: 1}
batch: {tokens: 4096, tokens_at_once: 1024, sequence_tokens: 512}
evaluation: {every_steps: 50, examples: 32}
sources:
  drawn: {kind: scenes, weight: 3}
  own: {kind: jsonl, weight: 1, path: own.jsonl, held_out: 0.1}
)";

absl::StatusOr<Recipe> Changed(const std::string& from, const std::string& to) {
  const std::string text = absl::StrReplaceAll(kRecipe, {{from, to}});
  EXPECT_NE(text, kRecipe) << from;
  return Recipe::Parse(text, "recipes");
}

TEST(RecipeTest, IsReadWhole) {
  const Recipe recipe = Recipe::Parse(kRecipe, "recipes").value();
  EXPECT_EQ(recipe.trains, "language_adapters");
  EXPECT_EQ(recipe.bundle, "bundle");
  EXPECT_EQ(recipe.adapters.rank, 8);
  EXPECT_EQ(recipe.optimizer.learning_rate, 1e-3);
  EXPECT_EQ(recipe.batch.sequence_tokens, 512);
  EXPECT_EQ(recipe.evaluation.examples, 32);
  ASSERT_EQ(recipe.sources.size(), 2u);
  EXPECT_EQ(recipe.sources[0].name, "drawn");
  EXPECT_EQ(recipe.sources[0].weight, 3);
  EXPECT_EQ(recipe.sources[1].path, "recipes/own.jsonl");
  EXPECT_EQ(recipe.sources[1].held_out, 0.1);
}

struct Fault {
  const char* from;
  const char* to;
  const char* message;
};
class FaultyRecipeTest : public testing::TestWithParam<Fault> {};

TEST_P(FaultyRecipeTest, IsRefusedByKey) {
  EXPECT_THAT(Changed(GetParam().from, GetParam().to).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, FaultyRecipeTest,
    testing::Values(
        Fault{"seed: 7", "sed: 7", "seed: expected a whole number in [0, "},
        Fault{"threads: 2", "threads: 2\nspeed: 9", "speed: expected no such key, got 9"},
        Fault{"rank: 8", "rank: 0", "adapters.rank: expected a whole number in [1, 1024], got 0"},
        Fault{"rank: 8", "rank: '8'", "adapters.rank: expected a whole number"},
        Fault{"warmup_steps: 10", "warmup_steps: 101",
              "optimizer.warmup_steps: expected a whole number in [0, 100], got 101"},
        Fault{"language_adapters", "fusion", "trains: expected one of language_adapters"},
        Fault{"kind: scenes", "kind: scenery", "sources.drawn.kind: expected one of scenes, jsonl"},
        Fault{"path: own.jsonl, ", "", "sources.own.path: expected a string, got nothing"},
        Fault{"kind: scenes, ", "kind: scenes, path: x, ",
              "sources.drawn.path: expected no such key"},
        Fault{"held_out: 0.1", "held_out: 0.9",
              "sources.own.held_out: expected a number in [0, 0.5]"},
        Fault{"seed: 7", "seed: [", "yaml-cpp: error at line"}));

TEST(RecipeTest, MayBringItsOwnSystemText) {
  EXPECT_EQ(Recipe::Parse(kRecipe, "")->system, "");
  EXPECT_EQ(Changed("seed: 7", "seed: 7\nsystem: Be brief.")->system, "Be brief.");
}

TEST(RecipeTest, NeedsASource) {
  const std::string text(kRecipe);
  EXPECT_THAT(
      Recipe::Parse(text.substr(0, text.find("sources:")) + "sources: {}\n", ""),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sources: expected at least")));
}

TEST(RecipeTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(Recipe::Load("no/such.yaml"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such.yaml")));
}

TEST(RecipeTest, TheFingerprintIsOfWhatDecidesTheCourse) {
  const uint64_t fingerprint = Recipe::Parse(kRecipe, "")->fingerprint;
  EXPECT_EQ(Changed("examples: 32", "examples: 33")->fingerprint, fingerprint);
  EXPECT_EQ(Changed("threads: 2", "threads: 1")->fingerprint, fingerprint);
  EXPECT_NE(Changed("seed: 7", "seed: 8")->fingerprint, fingerprint);
  EXPECT_NE(Changed("weight: 3", "weight: 2")->fingerprint, fingerprint);
  EXPECT_NE(Changed("steps: 100", "steps: 200")->fingerprint, fingerprint);
}

TEST(LearningRateTest, RisesInALineAndFallsAlongACosineToATenth) {
  const Recipe recipe = Recipe::Parse(kRecipe, "").value();
  EXPECT_DOUBLE_EQ(LearningRate(recipe, 0), 1e-4);
  EXPECT_DOUBLE_EQ(LearningRate(recipe, 4), 5e-4);
  EXPECT_DOUBLE_EQ(LearningRate(recipe, 9), 1e-3);
  EXPECT_DOUBLE_EQ(LearningRate(recipe, 10), 1e-3);
  EXPECT_NEAR(LearningRate(recipe, 55), 5.5e-4, 1e-12);
  EXPECT_NEAR(LearningRate(recipe, 100), 1e-4, 1e-12);
  EXPECT_LT(LearningRate(recipe, 60), LearningRate(recipe, 59));
}

}  // namespace
}  // namespace mrmllm
