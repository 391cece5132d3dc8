// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_RANKING_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_RANKING_H_

#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

#include "server/scheduling/estimates/forecast.h"
#include "server/scheduling/loop/active_request.h"
#include "server/scheduling/scheduler.h"
#include "server/scheduling/sharing/fair_share.h"

namespace mrmllm {

// Of `all` requests in work, in the order of their arrival, those that wait for a step: in the
// order in which they are to be served (see OrderOfService). Publishes what is left of all of them
// to the forecast; `room_is_short` says that no more answers can run than do.
std::vector<ActiveRequest*> RankRequests(absl::Span<ActiveRequest* const> all,
                                         const Scheduler::Options& options, bool room_is_short,
                                         absl::Time now, Forecast& forecast, FairShare& share);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_RANKING_H_
