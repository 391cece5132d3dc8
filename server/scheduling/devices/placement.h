// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_PLACEMENT_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_PLACEMENT_H_

#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace mrmllm {

// A device as one request sees it.
struct DeviceLoad {
  bool in_service = true;
  absl::Duration queue_wait;  // predicted
  int open_requests = 0;      // taken and not ended
  int known_images = 0;       // of the request's images: perceived here lately, or about to be
};

// What an image costs a device that does not know it: perceiving it, and reading its prompt anew.
// A request follows its images as long as the queue it meets there is not longer than elsewhere by
// more than this.
constexpr absl::Duration kImagePrice = absl::Milliseconds(100);

// What one more answer costs those beside it. It spreads requests while no queue has formed yet.
constexpr absl::Duration kOpenRequestPrice = absl::Milliseconds(10);

// The devices in service in the order in which they are to be asked to take the request: by queue
// and by the prices above; then who knows more of the images, then the lower number.
std::vector<int> RankDevices(absl::Span<const DeviceLoad> devices);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_PLACEMENT_H_
