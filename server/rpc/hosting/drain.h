// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_DRAIN_H_
#define MRMLLM_SERVER_RPC_HOSTING_DRAIN_H_

#include <functional>

#include "absl/time/time.h"

#include "base/clock.h"

namespace mrmllm {

struct DrainOptions {
  absl::Duration delay = absl::Seconds(5);     // still accepting, while balancers take notice
  absl::Duration timeout = absl::Seconds(30);  // for what was accepted to end
  absl::Duration patience = absl::Seconds(5);  // for the engines to end the step they are in
  absl::Duration flush = absl::Seconds(5);     // for the last replies to reach slow readers
};

// What a drain does, one verb each; none may be null.
struct DrainSteps {
  std::function<void()> report_not_serving;                 // readiness, liveness stays
  std::function<void()> refuse_new;                         // requests get UNAVAILABLE from now on
  std::function<bool(absl::Time deadline)> await_accepted;  // true when all of them have ended
  std::function<bool(absl::Time deadline)> cancel_rest;     // false: it does not come to an end
  std::function<void(absl::Duration grace)> shut_down;      // the gRPC server
};

enum class DrainEnd {
  kComplete,   // all that was accepted has ended
  kCancelled,  // some of it was cancelled
  // An engine does not come back from its step, and what it works on cannot be ended: there is
  // nothing left to do but to end the process.
  kStuck,
};

// Takes the server out of service and loses no accepted request that ends in time: NOT_SERVING at
// once, `delay` of business as usual, then new requests are refused and the accepted ones have
// `timeout` to end; the rest is cancelled. Blocks until all is over.
DrainEnd Drain(const DrainOptions& options, const DrainSteps& steps, Clock* clock);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_DRAIN_H_
