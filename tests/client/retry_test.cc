// SPDX-License-Identifier: Apache-2.0
#include "client/retry.h"

#include "client/rpc_status.h"
#include "gtest/gtest.h"
#include "tests/client/fake_service.h"
#include "tests/client/leaping_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RetryOptions Steady() { return {.jitter = 0}; }

absl::Status Full(int retry_after_seconds) {
  return ToAbslStatus(RichStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "full",
                                 RetryAfterSeconds(retry_after_seconds)));
}

TEST(RetryDelayTest, GrowsUpToItsLimit) {
  RetryOptions options = Steady();
  options.max_backoff = absl::Milliseconds(300);
  const absl::Status down = absl::UnavailableError("down");
  EXPECT_EQ(RetryDelay(options, down, 1, 0), absl::Milliseconds(100));
  EXPECT_EQ(RetryDelay(options, down, 2, 0), absl::Milliseconds(200));
  EXPECT_EQ(RetryDelay(options, down, 3, 0), absl::Milliseconds(300));
}

TEST(RetryDelayTest, StaysWithinTheJitter) {
  const RetryOptions options;
  const absl::Status down = absl::UnavailableError("down");
  EXPECT_EQ(RetryDelay(options, down, 1, 0.0), absl::Milliseconds(80));
  EXPECT_EQ(RetryDelay(options, down, 1, 0.5), absl::Milliseconds(100));
}

TEST(RetryDelayTest, StopsAfterTheLastAttempt) {
  EXPECT_EQ(RetryDelay(Steady(), absl::UnavailableError("down"), 4, 0), std::nullopt);
}

TEST(RetryDelayTest, LeavesOtherErrorsAlone) {
  EXPECT_EQ(RetryDelay(Steady(), absl::InvalidArgumentError("bad"), 1, 0), std::nullopt);
  EXPECT_EQ(RetryDelay(Steady(), absl::DeadlineExceededError("late"), 1, 0), std::nullopt);
  EXPECT_EQ(RetryDelay(Steady(), absl::ResourceExhaustedError("too large"), 1, 0), std::nullopt);
}

TEST(RetryDelayTest, ComesBackWhenAFullServerSaysSo) {
  EXPECT_EQ(RetryDelay(Steady(), Full(7), 1, 0), absl::Seconds(7));
}

TEST(RetryDelayTest, DoesNotComeBackToAFullServerWhenNotAllowed) {
  RetryOptions options = Steady();
  options.retry_resource_exhausted = false;
  EXPECT_EQ(RetryDelay(options, Full(7), 1, 0), std::nullopt);
}

TEST(CallWithRetryTest, WaitsLongerEachTimeUntilItSucceeds) {
  LeapingClock clock;
  int attempts = 0;
  const auto attempt = [&](absl::Duration) -> AttemptResult {
    return {++attempts < 4 ? absl::UnavailableError("down") : absl::OkStatus()};
  };
  EXPECT_OK(CallWithRetry(Steady(), clock, absl::Minutes(1), attempt));
  EXPECT_THAT(clock.leaps(), ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200),
                                         absl::Milliseconds(400)));
}

TEST(CallWithRetryTest, SaysHowOftenItTried) {
  LeapingClock clock;
  const auto attempt = [](absl::Duration) -> AttemptResult {
    return {absl::UnavailableError("down")};
  };
  EXPECT_THAT(CallWithRetry(Steady(), clock, absl::Minutes(1), attempt),
              StatusIs(absl::StatusCode::kUnavailable, "down (after 4 attempts)"));
}

TEST(CallWithRetryTest, TellsEachAttemptTheTimeThatIsLeft) {
  LeapingClock clock;
  std::vector<absl::Duration> remaining;
  const auto attempt = [&](absl::Duration left) -> AttemptResult {
    remaining.push_back(left);
    clock.Advance(absl::Seconds(1));
    return {remaining.size() < 2 ? absl::UnavailableError("down") : absl::OkStatus()};
  };
  EXPECT_OK(CallWithRetry(Steady(), clock, absl::Seconds(10), attempt));
  EXPECT_THAT(remaining, ElementsAre(absl::Seconds(10), absl::Milliseconds(8900)));
}

TEST(CallWithRetryTest, DoesNotWaitPastTheDeadline) {
  LeapingClock clock;
  const auto attempt = [](absl::Duration) -> AttemptResult { return {Full(30)}; };
  EXPECT_THAT(CallWithRetry(Steady(), clock, absl::Seconds(10), attempt),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(clock.leaps(), ElementsAre());
}

TEST(CallWithRetryTest, DoesNotRepeatWhatWasSeenInPart) {
  LeapingClock clock;
  int attempts = 0;
  const auto attempt = [&](absl::Duration) -> AttemptResult {
    ++attempts;
    return {absl::UnavailableError("cut off"), false};
  };
  EXPECT_THAT(CallWithRetry(Steady(), clock, absl::Seconds(10), attempt),
              StatusIs(absl::StatusCode::kUnavailable, "cut off"));
  EXPECT_EQ(attempts, 1);
}

TEST(RetryOptionsTest, NamesTheFieldOutOfRange) {
  EXPECT_OK(Validate(RetryOptions()));
  EXPECT_THAT(Validate(RetryOptions{.max_attempts = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_attempts")));
  EXPECT_THAT(Validate(RetryOptions{.initial_backoff = absl::ZeroDuration()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("initial_backoff")));
  EXPECT_THAT(Validate(RetryOptions{.max_backoff = absl::Milliseconds(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_backoff")));
  EXPECT_THAT(Validate(RetryOptions{.multiplier = 0.5}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("multiplier")));
  EXPECT_THAT(Validate(RetryOptions{.jitter = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("jitter")));
}

}  // namespace
}  // namespace mrmllm
