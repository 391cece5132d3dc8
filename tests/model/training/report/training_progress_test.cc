// SPDX-License-Identifier: Apache-2.0
#include "model/training/report/training_progress.h"

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

TEST(TrainingProgressTest, TellsRatesAndTheTimeLeft) {
  FakeClock clock;
  TrainingProgress progress(&clock, /*done=*/0, /*steps=*/10);
  clock.Advance(absl::Seconds(10));
  EXPECT_EQ(
      progress.Line({.loss = 1.5, .held_out_loss = -1, .learning_rate = 1e-3}, 4000, 50),
      "step 1/10  loss 1.5000  learning rate 1.0e-03  400 tokens/s  5.0 examples/s  left 1 min "
      "30 s");
  clock.Advance(absl::Seconds(30));
  EXPECT_EQ(progress.Line({.loss = 1.25, .held_out_loss = 1.75, .learning_rate = 2e-4}, 4000, 50),
            "step 2/10  loss 1.2500  held out 1.7500  learning rate 2.0e-04  200 tokens/s  2.5 "
            "examples/s  left 2 min 40 s");
}

TEST(TrainingProgressTest, ARunThatWentOnCountsItsOwnStepsOnly) {
  FakeClock clock;
  TrainingProgress progress(&clock, /*done=*/8, /*steps=*/10);
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(
      progress.Line({.loss = 1, .held_out_loss = -1, .learning_rate = 1e-3}, 500, 10),
      "step 9/10  loss 1.0000  learning rate 1.0e-03  100 tokens/s  2.0 examples/s  left 0 min "
      "5 s");
}

}  // namespace
}  // namespace mrmllm
