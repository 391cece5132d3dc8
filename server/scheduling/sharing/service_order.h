// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_SHARING_SERVICE_ORDER_H_
#define MRMLLM_SERVER_SCHEDULING_SHARING_SERVICE_ORDER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

#include "server/scheduling/request.h"
#include "server/scheduling/sharing/fair_share.h"

namespace mrmllm {

// A request as the order sees it.
struct Claim {
  RequestHandle handle = 0;  // grows with arrival
  const std::string* tenant = nullptr;
  Priority priority = Priority::kNormal;
  absl::Time since;     // when it began to wait
  absl::Time deadline;  // InfiniteFuture(): none
  absl::Duration cost;  // of all that is left of it, estimated, > 0
  bool waits = true;    // false: it takes part in every step already, and only its cost counts
};

// How much later than its submission a request without a deadline counts as due, so that those with
// one cannot pass it for ever.
constexpr absl::Duration kPatience = absl::Seconds(30);

// The order in which the waiting claims are to be served, as indices into `claims`:
//  1. by priority class. A class as a whole rises by one for every `ageing` that its oldest claim
//     has waited, up to the highest: the lower ones then compete as equals and none starves, and
//     inside a class waiting long is no advantage over tenants that have a smaller share;
//  2. by the share its tenant has had (see FairShare), counting what is ahead of it as had;
//  3. by deadline, or the end of its patience;
//  4. by arrival.
// Tells `share` who contends: the tenants with claims in the best class.
std::vector<size_t> OrderOfService(absl::Span<const Claim> claims, absl::Duration ageing,
                                   absl::Time now, FairShare& share);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_SHARING_SERVICE_ORDER_H_
