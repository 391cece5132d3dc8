// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/sharing/service_order.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "absl/container/flat_hash_map.h"

namespace mrmllm {
namespace {

constexpr size_t kClasses = static_cast<size_t>(Priority::kLow) + 1;

// The class as which each priority counts now.
std::array<int64_t, kClasses> RaiseClasses(absl::Span<const Claim> claims, absl::Duration ageing,
                                           absl::Time now) {
  std::array<absl::Time, kClasses> oldest;
  oldest.fill(now);
  for (const Claim& claim : claims) {
    absl::Time& since = oldest[static_cast<size_t>(claim.priority)];
    if (claim.waits) since = std::min(since, claim.since);
  }
  std::array<int64_t, kClasses> raised{};
  for (size_t i = 0; i < kClasses; ++i) {
    const auto rank = static_cast<int64_t>(i);
    raised[i] = std::max<int64_t>(0, rank - (now - oldest[i]) / ageing);
  }
  return raised;
}

struct Place {
  size_t claim = 0;
  int64_t priority = 0;  // raised
  double tag = 0;        // virtual time at which its turn comes
  absl::Time due;
  RequestHandle handle = 0;
};

}  // namespace

std::vector<size_t> OrderOfService(absl::Span<const Claim> claims, absl::Duration ageing,
                                   absl::Time now, FairShare& share) {
  const auto raised = RaiseClasses(claims, ageing, now);
  std::vector<Place> places;
  int64_t best = kClasses;
  absl::flat_hash_map<std::string, double> ahead;  // of each tenant's next claim, by weight
  const auto by_weight = [&](const Claim& claim) {
    return absl::ToDoubleSeconds(claim.cost) / share.Weight(*claim.tenant);
  };
  for (size_t i = 0; i < claims.size(); ++i) {
    const Claim& claim = claims[i];
    if (!claim.waits) {
      ahead[*claim.tenant] += by_weight(claim);
      continue;
    }
    places.push_back({.claim = i,
                      .priority = raised[static_cast<size_t>(claim.priority)],
                      .due = std::min(claim.deadline, claim.since + kPatience),
                      .handle = claim.handle});
    best = std::min(best, places.back().priority);
  }

  std::vector<const std::string*> contenders;
  for (const Place& place : places) {
    if (place.priority == best) contenders.push_back(claims[place.claim].tenant);
  }
  share.SetContenders(contenders);

  // First among themselves, so that each tenant's claims can be tagged one after the other.
  const auto urgency = [](const Place& a) { return std::tuple(a.priority, a.due, a.handle); };
  std::sort(places.begin(), places.end(),
            [&](const Place& a, const Place& b) { return urgency(a) < urgency(b); });
  for (Place& place : places) {
    const Claim& claim = claims[place.claim];
    double& had = ahead[*claim.tenant];
    place.tag = share.VirtualTime(*claim.tenant) + had;
    had += by_weight(claim);
  }
  const auto turn = [](const Place& a) { return std::tuple(a.priority, a.tag, a.due, a.handle); };
  std::sort(places.begin(), places.end(),
            [&](const Place& a, const Place& b) { return turn(a) < turn(b); });

  std::vector<size_t> order;
  order.reserve(places.size());
  for (const Place& place : places) order.push_back(place.claim);
  return order;
}

}  // namespace mrmllm
