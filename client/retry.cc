// SPDX-License-Identifier: Apache-2.0
#include "client/retry.h"

#include <algorithm>
#include <cmath>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "client/rpc_status.h"

namespace mrmllm {
namespace {

constexpr int kMostAttempts = 100;

absl::Status WithAttempts(const absl::Status& status, int attempts) {
  if (status.ok() || attempts < 2) return status;
  absl::Status result(status.code(),
                      absl::StrCat(status.message(), " (after ", attempts, " attempts)"));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

}  // namespace

absl::Status Validate(const RetryOptions& options) {
  if (options.max_attempts < 1 || options.max_attempts > kMostAttempts) {
    return absl::InvalidArgumentError(absl::StrCat("retry.max_attempts: expected 1 to ",
                                                   kMostAttempts, ", got ", options.max_attempts));
  }
  if (options.initial_backoff <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.initial_backoff: expected more than 0, got ",
                     absl::FormatDuration(options.initial_backoff)));
  }
  if (options.max_backoff < options.initial_backoff) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.max_backoff: expected at least initial_backoff, ",
                     absl::FormatDuration(options.initial_backoff), ", got ",
                     absl::FormatDuration(options.max_backoff)));
  }
  if (!(options.multiplier >= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.multiplier: expected at least 1, got ", options.multiplier));
  }
  if (!(options.jitter >= 0 && options.jitter < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.jitter: expected 0 or more, under 1, got ", options.jitter));
  }
  return absl::OkStatus();
}

std::optional<absl::Duration> RetryDelay(const RetryOptions& options, const absl::Status& status,
                                         int attempts_made, double uniform) {
  if (attempts_made >= options.max_attempts) return std::nullopt;
  const std::optional<absl::Duration> asked_for = RetryInfoOf(status);
  const bool exhausted_for_now = absl::IsResourceExhausted(status) && asked_for.has_value() &&
                                 options.retry_resource_exhausted;
  if (!absl::IsUnavailable(status) && !exhausted_for_now) return std::nullopt;
  const double growth = std::pow(options.multiplier, attempts_made - 1);
  const absl::Duration backoff = std::min(options.initial_backoff * growth, options.max_backoff);
  const absl::Duration jittered = backoff * (1 + options.jitter * (2 * uniform - 1));
  // Everybody was told the same moment: the jitter comes on top of it, so that not all return at
  // once.
  if (asked_for.has_value()) return *asked_for + jittered * options.jitter;
  return jittered;
}

absl::Status CallWithRetry(const RetryOptions& options, Clock& clock, absl::Duration timeout,
                           absl::FunctionRef<AttemptResult(absl::Duration remaining)> attempt) {
  absl::InsecureBitGen random;
  const absl::Time deadline = clock.Now() + timeout;
  for (int attempts = 1;; ++attempts) {
    const AttemptResult result = attempt(deadline - clock.Now());
    if (result.status.ok() || !result.may_retry) return WithAttempts(result.status, attempts);
    const std::optional<absl::Duration> delay =
        RetryDelay(options, result.status, attempts, absl::Uniform(random, 0.0, 1.0));
    if (!delay.has_value() || clock.Now() + *delay >= deadline) {
      return WithAttempts(result.status, attempts);
    }
    clock.Pause(*delay);
  }
}

}  // namespace mrmllm
