// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_RETRY_H_
#define MRMLLM_CLIENT_RETRY_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace mrmllm {

// When a failed call is tried again. UNAVAILABLE is; RESOURCE_EXHAUSTED only when the server says
// with google.rpc.RetryInfo when to come back. Nothing else is.
struct RetryOptions {
  int max_attempts = 4;                                      // [1, 100]; 1: no retries
  absl::Duration initial_backoff = absl::Milliseconds(100);  // before the second attempt; > 0
  absl::Duration max_backoff = absl::Seconds(5);             // at least initial_backoff
  double multiplier = 2;                                     // from one back-off to the next; >= 1
  double jitter = 0.2;                                       // +- this part of it; [0, 1)
  bool retry_resource_exhausted = true;
};

// INVALID_ARGUMENT names the first field that is out of range.
absl::Status Validate(const RetryOptions& options);

// How long to wait after `attempts_made` attempts of which the last ended with `status`, or nothing
// if it should not be tried again. `uniform` in [0, 1) is the randomness. The server's RetryInfo is
// a lower bound, also above max_backoff.
std::optional<absl::Duration> RetryDelay(const RetryOptions& options, const absl::Status& status,
                                         int attempts_made, double uniform);

// What became of one attempt.
struct AttemptResult {
  absl::Status status;
  bool may_retry = true;  // false: the caller has seen part of the reply
};

// Runs `attempt` until it succeeds, must not be repeated, or `timeout` would pass before the next
// one; returns the last attempt's status. `attempt` is given the time that is left. The message of
// a failure says how many attempts there were, if more than one.
absl::Status CallWithRetry(const RetryOptions& options, Clock& clock, absl::Duration timeout,
                           absl::FunctionRef<AttemptResult(absl::Duration remaining)> attempt);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_RETRY_H_
