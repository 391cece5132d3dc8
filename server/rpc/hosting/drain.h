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
  absl::Duration flush = absl::Seconds(5);     // for the last replies to reach slow readers
};

// What a drain does, one verb each; none may be null.
struct DrainSteps {
  std::function<void()> report_not_serving;                 // readiness, liveness stays
  std::function<void()> refuse_new;                         // requests get UNAVAILABLE from now on
  std::function<bool(absl::Time deadline)> await_accepted;  // true when all of them have ended
  std::function<void()> cancel_rest;                        // whatever has not
  std::function<void(absl::Duration grace)> shut_down;      // the gRPC server
};

// Takes the server out of service and loses no accepted request that ends in time: NOT_SERVING at
// once, `delay` of business as usual, then new requests are refused and the accepted ones have
// `timeout` to end; the rest is cancelled. Blocks until all is over; true when nothing was
// cancelled.
bool Drain(const DrainOptions& options, const DrainSteps& steps, Clock* clock);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_DRAIN_H_
