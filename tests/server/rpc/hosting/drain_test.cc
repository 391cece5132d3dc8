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
  DrainSteps Steps(bool all_end, bool all_stop = true) {
    return {
        .report_not_serving = [this] { Note("not serving"); },
        .refuse_new = [this] { Note("refuse"); },
        .await_accepted =
            [this, all_end](absl::Time deadline) {
              Note(absl::StrCat("await until ", Seconds(deadline)));
              return all_end;
            },
        .cancel_rest =
            [this, all_stop](absl::Time deadline) {
              Note(absl::StrCat("cancel rest until ", Seconds(deadline)));
              return all_stop;
            },
        .shut_down =
            [this](absl::Duration grace) {
              Note(absl::StrCat("shut down in ", Seconds(start_ + grace)));
            },
    };
  }

  // Runs the drain while the test moves the clock over its delay.
  DrainEnd RunWithDelay(const DrainOptions& options, const DrainSteps& steps) {
    DrainEnd end = DrainEnd::kStuck;
    std::thread drain([&] { end = Drain(options, steps, &clock_); });
    clock_.BlockUntilWaiters(1);
    clock_.Advance(options.delay);
    drain.join();
    return end;
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
  const DrainOptions options{.delay = absl::Seconds(5),
                             .timeout = absl::Seconds(30),
                             .patience = absl::Seconds(3),
                             .flush = absl::Seconds(2)};
  EXPECT_EQ(RunWithDelay(options, Steps(/*all_end=*/true)), DrainEnd::kComplete);
  EXPECT_THAT(log_, ElementsAre("0: not serving", "5: refuse", "5: await until 35",
                                "5: cancel rest until 8", "5: shut down in 2"));
}

TEST_F(DrainTest, TellsWhenTheRestHadToBeCancelled) {
  EXPECT_EQ(RunWithDelay({.delay = absl::Seconds(1)}, Steps(/*all_end=*/false)),
            DrainEnd::kCancelled);
  EXPECT_EQ(log_.size(), 5u);
}

TEST_F(DrainTest, DoesNotWaitForCallsOfAnEngineThatHangs) {
  const DrainSteps steps = Steps(/*all_end=*/false, /*all_stop=*/false);
  EXPECT_EQ(RunWithDelay({.delay = absl::Seconds(1)}, steps), DrainEnd::kStuck);
  EXPECT_EQ(log_.back(), "1: cancel rest until 6");
}

TEST_F(DrainTest, NoDelayNeedsNoClock) {
  EXPECT_EQ(Drain({.delay = absl::ZeroDuration()}, Steps(/*all_end=*/true), &clock_),
            DrainEnd::kComplete);
  EXPECT_EQ(log_[1], "0: refuse");
}

}  // namespace
}  // namespace mrmllm
