// SPDX-License-Identifier: Apache-2.0
//
// What must hold whatever comes: random arrivals, cancels, deadlines, failures and stops.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/scheduler_fixture.h"

namespace mrmllm {
namespace {

constexpr int kRequests = 150;
constexpr int kSharedWidth = 1000;

// Request n has the question "n" and images of size (n, 1), (n, 2), ...: what a step was for can be
// read off it. Some images are of kSharedWidth and belong to many.
class SchedulerPropertyTest : public SchedulerFixture, public testing::WithParamInterface<int> {
 protected:
  const Scheduler::Options kOptions{.max_batch_images = 4,
                                    .max_batch_pixels = 4000,
                                    .max_running_sequences = 3,
                                    .max_prefill_tokens = 64};

  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool OneIn(int n) { return Draw(n) == 0; }

  RequestBuilder RandomRequest(int n) {
    const std::string name = absl::StrCat(n);
    RequestBuilder builder = NewRequest();
    const int images = Draw(4);
    for (int i = 1; i <= images; ++i) {
      if (OneIn(4)) {
        builder.CachedImage(n, i);
      } else if (OneIn(4)) {
        const int shared = 1 + Draw(5);
        builder.KeyedImage(absl::StrCat("shared", shared), kSharedWidth, shared);
      } else {
        builder.Image(n, i);
      }
      if (OneIn(20)) engine_.FailImage(n, i, absl::InternalError("image"));
    }
    if (images == 0 || OneIn(2)) {
      builder.Question(name, 1 + Draw(8));
      engine_.SetPromptTokens(name, 1 + Draw(150));
      engine_.SetAnswer(name, std::vector<std::string>(Draw(10), "x"));
      const StepKind kinds[] = {StepKind::kPerceive, StepKind::kPrefill, StepKind::kDecode};
      if (OneIn(10)) engine_.FailQuestion(name, kinds[Draw(3)], absl::InternalError("question"));
    }
    if (OneIn(2)) {
      builder.SecondLook(OneIn(2) ? SecondLookMode::kAlways : SecondLookMode::kAutomatic,
                         1 + Draw(6));
      for (int i = 1; i <= images; ++i) {
        engine_.SetSecondLook(n, i, std::vector<NormalizedBox>(Draw(6)));
      }
      if (OneIn(10)) engine_.FailSecondLook(n, 1, absl::InternalError("part"));
    }
    if (OneIn(3)) builder.Deadline(clock_.Now() + absl::Milliseconds(1 + Draw(60)));
    if (OneIn(2)) builder.MayDegrade();
    const Priority priorities[] = {Priority::kHigh, Priority::kNormal, Priority::kLow};
    return builder.Urgency(priorities[Draw(3)]).Tenant(absl::StrCat("tenant", Draw(3)));
  }

  void RunEverything() {
    std::vector<std::pair<int, RequestHandle>> taken;
    for (int n = 1; n <= kRequests; ++n) {
      // The steps that run meanwhile move the clock on, so it may be too late, or look so.
      if (absl::Status status = TrySubmit(RandomRequest(n)); !status.ok()) {
        EXPECT_TRUE(absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status))
            << status;
        continue;
      }
      taken.emplace_back(n, last_handle_);
      if (OneIn(4)) {
        const auto& [victim, handle] = taken[Draw(static_cast<int>(taken.size()))];
        scheduler_->Cancel(handle);
        // The step after the last one may have been decided already.
        cancelled_after_.try_emplace(victim, engine_.steps().size() + 1);
      }
      if (OneIn(10)) clock_.Advance(absl::Milliseconds(Draw(5)));
      if (OneIn(40)) AwaitIdle();
    }
    if (OneIn(3)) {
      scheduler_->Stop();
    } else {
      AwaitIdle();
    }
  }

  static std::vector<int> RequestsIn(const FakeEngine::Step& step) {
    std::vector<int> requests;
    for (const auto& [width, height] : step.images) {
      if (width != kSharedWidth) requests.push_back(width);
    }
    for (const std::string& question : step.questions) {
      requests.push_back(0);
      EXPECT_TRUE(absl::SimpleAtoi(question, &requests.back()));
    }
    return requests;
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
  std::map<int, size_t> cancelled_after_;  // request to the number of steps that may have had it
};

// The fixture checks at the end that every request ended exactly once, that no step went over its
// bounds or before its room was reserved, that the ledger is empty, that no sequence lives and that
// the pool of key-value blocks is full again.
TEST_P(SchedulerPropertyTest, HoldsWhateverComes) {
  engine_.SetStepDuration(&clock_, absl::Microseconds(300));
  engine_.SetKvPool(20, 16);
  engine_.SetBounds({.images = kOptions.max_batch_images,
                     .pixels = kOptions.max_batch_pixels,
                     .prompt_tokens = kOptions.max_prefill_tokens,
                     .sequences = kOptions.max_running_sequences});
  Start(kOptions);
  RunEverything();

  const std::vector<FakeEngine::Step> steps = engine_.steps();
  for (size_t i = 0; i < steps.size(); ++i) {
    for (int request : RequestsIn(steps[i])) {
      auto cancelled = cancelled_after_.find(request);
      if (cancelled == cancelled_after_.end()) continue;
      EXPECT_LT(i, cancelled->second) << "request " << request << " ran after its cancellation";
    }
  }
  for (const auto& heard : listeners_) {
    if (!heard->result().degraded) continue;
    EXPECT_THAT(heard->status(), IsOk());
    EXPECT_THAT(heard->texts(), testing::IsEmpty());
    EXPECT_THAT(heard->perceived(), testing::Not(testing::IsEmpty()));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulerPropertyTest, testing::Range(0, 40));

}  // namespace
}  // namespace mrmllm
