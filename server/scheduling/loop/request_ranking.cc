// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/request_ranking.h"

#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"

#include "server/scheduling/loop/wanted_images.h"
#include "server/scheduling/sharing/service_order.h"

namespace mrmllm {
namespace {

// What is left of each; an image that several wait for counts for the first of them.
std::vector<WorkLeft> WorkOfAll(absl::Span<ActiveRequest* const> all) {
  absl::flat_hash_map<const ActiveRequest*, int> images;
  for (const WantedImage& wanted : WantedImages(all, std::numeric_limits<size_t>::max())) {
    ++images[wanted.waiters.front().request];
  }
  std::vector<WorkLeft> work;
  for (const ActiveRequest* request : all) {
    work.push_back(request->Left());
    auto found = images.find(request);
    work.back().images = found == images.end() ? 0 : found->second;
  }
  return work;
}

}  // namespace

std::vector<ActiveRequest*> RankRequests(absl::Span<ActiveRequest* const> all,
                                         const Scheduler::Options& options, bool room_is_short,
                                         absl::Time now, Forecast& forecast, FairShare& share) {
  std::vector<WorkLeft> work = WorkOfAll(all);
  int slots = options.max_running_sequences;
  if (room_is_short) {
    slots = 0;
    for (const WorkLeft& left : work) slots += left.running ? 1 : 0;
  }
  const std::vector<absl::Duration> costs = forecast.Publish(work, slots, now);
  std::vector<Claim> claims;
  for (size_t i = 0; i < all.size(); ++i) {
    claims.push_back({.handle = all[i]->handle(),
                      .tenant = &all[i]->request().tenant,
                      .priority = all[i]->request().priority,
                      .since = all[i]->submitted(),
                      .deadline = all[i]->request().deadline,
                      .cost = costs[i],
                      .waits = !all[i]->Decoding()});
  }
  std::vector<ActiveRequest*> order;
  for (size_t i : OrderOfService(claims, options.priority_ageing, now, share)) {
    order.push_back(all[i]);
  }
  return order;
}

}  // namespace mrmllm
