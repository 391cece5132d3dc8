// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/drain.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

// Writes down each step with the seconds since the start.
class DrainTest : public testing::Test {
 protected:
  DrainSteps Steps(bool all_end) {
    return {
        .report_not_serving = [this] { Note("not serving"); },
        .refuse_new = [this] { Note("refuse"); },
        .await_accepted =
            [this, all_end](absl::Time deadline) {
              Note(absl::StrCat("await until ", Seconds(deadline)));
              return all_end;
            },
        .cancel_rest = [this] { Note("cancel rest"); },
        .shut_down =
            [this](absl::Duration grace) {
              Note(absl::StrCat("shut down in ", Seconds(start_ + grace)));
            },
    };
  }

  // Runs the drain while the test moves the clock over its delay.
  bool RunWithDelay(const DrainOptions& options, const DrainSteps& steps) {
    bool complete = false;
    std::thread drain([&] { complete = Drain(options, steps, &clock_); });
    clock_.BlockUntilWaiters(1);
    clock_.Advance(options.delay);
    drain.join();
    return complete;
  }

  std::string Seconds(absl::Time at) { return absl::StrCat(absl::ToInt64Seconds(at - start_)); }
  void Note(const std::string& what) {
    log_.push_back(absl::StrCat(Seconds(clock_.Now()), ": ", what));
  }

  FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  std::vector<std::string> log_;
};

TEST_F(DrainTest, RefusesOnlyAfterTheDelayAndGivesTheAcceptedTheirTime) {
  const DrainOptions options{
      .delay = absl::Seconds(5), .timeout = absl::Seconds(30), .flush = absl::Seconds(2)};
  EXPECT_TRUE(RunWithDelay(options, Steps(/*all_end=*/true)));
  EXPECT_THAT(log_, ElementsAre("0: not serving", "5: refuse", "5: await until 35",
                                "5: cancel rest", "5: shut down in 2"));
}

TEST_F(DrainTest, TellsWhenTheRestHadToBeCancelled) {
  EXPECT_FALSE(RunWithDelay({.delay = absl::Seconds(1)}, Steps(/*all_end=*/false)));
  EXPECT_EQ(log_.size(), 5u);
}

TEST_F(DrainTest, NoDelayNeedsNoClock) {
  EXPECT_TRUE(Drain({.delay = absl::ZeroDuration()}, Steps(/*all_end=*/true), &clock_));
  EXPECT_EQ(log_[1], "0: refuse");
}

}  // namespace
}  // namespace mrmllm
