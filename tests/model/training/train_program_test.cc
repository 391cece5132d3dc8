// SPDX-License-Identifier: Apache-2.0
#include "model/training/train_program.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/checkpoint/safetensors.h"
#include "tests/model/checkpoint/scratch_directory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

// With the real bundle, a little.
class TrainProgramTest : public testing::Test {
 protected:
  TrainProgramTest() {
    directory_.Write("recipe.yaml", R"(
trains: language_adapters
compute: bfloat16
seed: 1
threads: 2
steps: 4
checkpoint_every_steps: 10
bundle: nowhere
adapters: {rank: 2, alpha: 4}
optimizer: {learning_rate: 1.0e-2, warmup_steps: 0, weight_decay: 0, clip_norm: 1}
batch: {tokens: 60, tokens_at_once: 60, sequence_tokens: 60}
evaluation: {every_steps: 10, examples: 1}
sources: {own: {kind: jsonl, weight: 1, path: own.jsonl, held_out: 0.5}}
)");
    const std::string line =
        R"({"turns": [{"role": "user", "text": "Who are you?"}], "answer": "A test."})";
    directory_.Write("own.jsonl", absl::StrCat(line, "\n", line, "\n"));
    options_.recipe = directory_.File("recipe.yaml");
    options_.bundle = std::getenv("MRMLLM_BUNDLE");
    options_.out = directory_.File("out");
  }

  std::string Read(const std::string& name) {
    std::ifstream file(directory_.File("out/" + name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  ScratchDirectory directory_;
  FakeClock clock_;
  TrainOptions options_;
  std::ostringstream log_;
};

TEST_F(TrainProgramTest, StopsAndGoesOnAndShowsAnswers) {
  options_.stop_after = 2;
  ASSERT_THAT(Train(options_, &clock_, log_), IsOk());
  EXPECT_THAT(log_.str(), HasSubstr("step 2/4  loss "));
  EXPECT_TRUE(std::filesystem::exists(directory_.File("out/adapters.safetensors")));
  options_.stop_after = 0;
  options_.only_answers = true;
  ASSERT_THAT(Train(options_, &clock_, log_), IsOk());
  EXPECT_THAT(log_.str(), testing::Not(HasSubstr("step 3/4")));
  EXPECT_THAT(Read("answers.txt"), HasSubstr("[int4] "));
  options_.only_answers = false;
  ASSERT_THAT(Train(options_, &clock_, log_), IsOk());
  EXPECT_THAT(log_.str(), HasSubstr("going on after step 2\nstep 3/4  loss "));
  EXPECT_THAT(log_.str(), HasSubstr("answers word for word in int4"));
  EXPECT_THAT(Read("loss.csv"), HasSubstr("\n4,"));
  EXPECT_THAT(Read("loss.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(Read("answers.txt"),
              testing::StartsWith("[user] Who are you?\n[answer] A test.\n[bfloat16] "));
  EXPECT_EQ(MapSafetensors(directory_.File("out/adapters.safetensors"))->size(), 30u * 14);
}

TEST_F(TrainProgramTest, ShowsExamplesInsteadOfTraining) {
  options_.show_examples = 2;
  ASSERT_THAT(Train(options_, &clock_, log_), IsOk());
  const std::string one = "[user] Who are you?\n[answer] A test.\n\n";
  EXPECT_EQ(log_.str(), one + one);
  EXPECT_FALSE(std::filesystem::exists(directory_.File("out")));
}

TEST_F(TrainProgramTest, WhatIsMissingIsNamed) {
  options_.bundle = "";
  EXPECT_THAT(Train(options_, &clock_, log_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere/config.json")));
}

}  // namespace
}  // namespace mrmllm
