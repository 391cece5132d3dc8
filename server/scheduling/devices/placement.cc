// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/placement.h"

#include <algorithm>
#include <tuple>

namespace mrmllm {

std::vector<int> RankDevices(absl::Span<const DeviceLoad> devices) {
  std::vector<int> ranked;
  int most_known = 0;
  for (int i = 0; i < static_cast<int>(devices.size()); ++i) {
    if (!devices[i].in_service) continue;
    ranked.push_back(i);
    most_known = std::max(most_known, devices[i].known_images);
  }
  const auto rank = [&](int i) {
    const DeviceLoad& load = devices[i];
    const absl::Duration price = load.queue_wait + load.open_requests * kOpenRequestPrice +
                                 (most_known - load.known_images) * kImagePrice;
    return std::make_tuple(price, -load.known_images, i);
  };
  std::sort(ranked.begin(), ranked.end(), [&](int a, int b) { return rank(a) < rank(b); });
  return ranked;
}

}  // namespace mrmllm
