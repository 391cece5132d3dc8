// SPDX-License-Identifier: Apache-2.0
//
// What must hold whatever comes: random arrivals, cancels and deadlines on two devices, either or
// both of which fail at a random moment.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/devices/device_pool_fixture.h"

namespace mrmllm {
namespace {

constexpr int kRequests = 120;

class DevicePoolPropertyTest : public DevicePoolFixture, public testing::WithParamInterface<int> {
 protected:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool OneIn(int n) { return Draw(n) == 0; }

  Request RandomRequest(int n) {
    RequestBuilder builder(clock_.Now());
    const int images = Draw(3);
    for (int i = 0; i < images; ++i) builder.Image(1 + Draw(20), 1);
    if (images == 0 || OneIn(2)) {
      const std::string question = absl::StrCat(n);
      builder.Question(question, 1 + Draw(8));
      const int prompt_tokens = 1 + Draw(100);
      const std::vector<std::string> answer(1 + Draw(10), "x");
      for (BreakableEngine& engine : engines_) {
        engine.SetPromptTokens(question, prompt_tokens);
        engine.SetAnswer(question, answer);
      }
    }
    if (OneIn(6)) builder.Deadline(clock_.Now() + absl::Milliseconds(1 + Draw(60)));
    Request request = builder.Build(nullptr);
    for (RequestImage& image : request.images) {
      if (!OneIn(4)) image.key = std::to_string(image.input->width);
    }
    request.tenant = absl::StrCat("tenant", Draw(3));
    return request;
  }

  bool IsBroken(int device) const { return (GetParam() % 4) & (1 << device); }

  void RunEverything() {
    std::vector<RequestHandle> taken;
    for (int n = 0; n < kRequests; ++n) {
      if (absl::Status status = TrySubmit(RandomRequest(n)); status.ok()) {
        taken.push_back(last_handle_);
      } else if (absl::IsUnavailable(status)) {
        EXPECT_EQ(scheduler_->engines_in_service(), 0) << status;
      } else {
        EXPECT_TRUE(absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status))
            << status;
      }
      if (OneIn(5) && !taken.empty()) {
        scheduler_->Cancel(taken[Draw(static_cast<int>(taken.size()))]);
      }
      if (OneIn(10)) clock_.Advance(absl::Milliseconds(Draw(5)));
      if (OneIn(40)) {
        EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
      }
    }
    EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
};

// The fixture checks at the end that every request ended exactly once, that the ledger is empty and
// that no sequence lives.
TEST_P(DevicePoolPropertyTest, NoRequestIsLostAsLongAsADeviceIsLeft) {
  for (int device = 0; device < 2; ++device) {
    engines_[device].SetStepDuration(&clock_, absl::Microseconds(300));
    if (IsBroken(device)) engines_[device].BreakAfter(Draw(60));
  }
  Start({.max_batch_images = 4, .max_running_sequences = 3, .max_prefill_tokens = 64});
  RunEverything();

  EXPECT_FALSE(scheduler_->has_work());
  EXPECT_EQ(scheduler_->admission().usage(), Admission::Usage{});
  for (const auto& listener : listeners_) {
    ASSERT_TRUE(listener->done());
    const absl::Status status = listener->status();
    const bool was_told = !listener->texts().empty() || !listener->perceived().empty();
    if (absl::IsUnavailable(status)) {
      EXPECT_TRUE(was_told || scheduler_->engines_in_service() == 0) << status;
    } else {
      EXPECT_TRUE(status.ok() || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status) ||
                  absl::IsResourceExhausted(status))
          << status;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DevicePoolPropertyTest, testing::Range(0, 60));

}  // namespace
}  // namespace mrmllm
