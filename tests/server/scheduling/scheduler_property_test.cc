// SPDX-License-Identifier: Apache-2.0
//
// What must hold whatever comes: random arrivals, cancels, deadlines, failures and stops.
#include <algorithm>
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

// Request n has the question "n" and images of size (n, 1), (n, 2), ...: what a step was for can be
// read off it.
class SchedulerPropertyTest : public SchedulerFixture, public testing::WithParamInterface<int> {
 protected:
  const Scheduler::Options kOptions{.max_batch_images = 4,
                                    .max_batch_pixels = 300,
                                    .max_running_sequences = 3,
                                    .max_prefill_tokens = 64};

  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool OneIn(int n) { return Draw(n) == 0; }

  RequestBuilder RandomRequest(int n) {
    const std::string name = absl::StrCat(n);
    RequestBuilder builder = NewRequest();
    const int images = Draw(4);
    bool ready = true;
    for (int i = 1; i <= images; ++i) {
      const bool cached = OneIn(4);
      cached ? builder.CachedImage(n, i) : builder.Image(n, i);
      ready = ready && cached;
      if (OneIn(20)) engine_.FailImage(n, i, absl::InternalError("image"));
    }
    if (images == 0 || OneIn(2)) {
      builder.Question(name, 1 + Draw(8));
      engine_.SetPromptTokens(name, 1 + Draw(150));
      engine_.SetAnswer(name, std::vector<std::string>(Draw(10), "x"));
      const StepKind kinds[] = {StepKind::kPerceive, StepKind::kPrefill, StepKind::kDecode};
      if (OneIn(10)) engine_.FailQuestion(name, kinds[Draw(3)], absl::InternalError("question"));
      (ready ? ready_ : seeing_).push_back(name);
    }
    if (OneIn(5)) builder.Deadline(clock_.Now() + absl::Milliseconds(1 + Draw(60)));
    return builder;
  }

  void RunEverything() {
    std::vector<std::pair<int, RequestHandle>> taken;
    for (int n = 1; n <= kRequests; ++n) {
      // The steps that run meanwhile move the clock on, so it may be too late already.
      if (absl::Status status = TrySubmit(RandomRequest(n)); !status.ok()) {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
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
    for (const auto& [width, height] : step.images) requests.push_back(width);
    for (const std::string& question : step.questions) {
      requests.push_back(0);
      EXPECT_TRUE(absl::SimpleAtoi(question, &requests.back()));
    }
    return requests;
  }

  void ExpectWithinBounds(const FakeEngine::Step& step) {
    int64_t pixels = 0;
    for (const auto& [width, height] : step.images) pixels += int64_t{width} * height;
    int tokens = 0;
    for (int count : step.prompt_tokens) tokens += count;
    EXPECT_LE(step.images.size(), 4u);
    EXPECT_TRUE(pixels <= 300 || step.images.size() == 1) << pixels;
    EXPECT_LE(tokens, 64);
    EXPECT_LE(step.questions.size(), 3u);
  }

  // The questions that were started, of those in `of`, in the order of the starts.
  std::vector<int> StartedOf(const std::vector<std::string>& of) const {
    std::vector<int> started;
    for (const std::string& question : engine_.started()) {
      if (std::find(of.begin(), of.end(), question) == of.end()) continue;
      started.push_back(0);
      EXPECT_TRUE(absl::SimpleAtoi(question, &started.back()));
    }
    return started;
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
  std::vector<std::string> ready_;         // questions that need no perceive step
  std::vector<std::string> seeing_;        // questions that do
  std::map<int, size_t> cancelled_after_;  // request to the number of steps that may have had it
};

// The fixture checks at the end that every request ended exactly once, that the ledger is empty and
// that no sequence lives.
TEST_P(SchedulerPropertyTest, HoldsWhateverComes) {
  engine_.SetStepDuration(&clock_, absl::Microseconds(300));
  Start(kOptions);
  RunEverything();

  std::vector<std::pair<int, int>> perceived;
  const std::vector<FakeEngine::Step> steps = engine_.steps();
  for (size_t i = 0; i < steps.size(); ++i) {
    ExpectWithinBounds(steps[i]);
    perceived.insert(perceived.end(), steps[i].images.begin(), steps[i].images.end());
    for (int request : RequestsIn(steps[i])) {
      auto cancelled = cancelled_after_.find(request);
      if (cancelled == cancelled_after_.end()) continue;
      EXPECT_LT(i, cancelled->second) << "request " << request << " ran after its cancellation";
    }
  }
  EXPECT_TRUE(std::is_sorted(perceived.begin(), perceived.end()));
  EXPECT_LE(engine_.peak_sequences(), kOptions.max_running_sequences);
  const std::vector<int> ready = StartedOf(ready_);
  const std::vector<int> seeing = StartedOf(seeing_);
  EXPECT_TRUE(std::is_sorted(ready.begin(), ready.end()));
  EXPECT_TRUE(std::is_sorted(seeing.begin(), seeing.end()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulerPropertyTest, testing::Range(0, 40));

}  // namespace
}  // namespace mrmllm
