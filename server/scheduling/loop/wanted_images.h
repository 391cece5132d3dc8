// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_WANTED_IMAGES_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_WANTED_IMAGES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"

#include "server/engine.h"
#include "server/scheduling/loop/active_request.h"

namespace mrmllm {

// One image that is to be perceived or looked at again, and all who wait for it.
struct WantedImage {
  struct Waiter {
    ActiveRequest* request = nullptr;
    size_t image = 0;  // its place in Request::images
  };
  std::vector<Waiter> waiters;  // never empty; the first in the order of service comes first

  const Request& request() const { return waiters.front().request->request(); }
  const RequestImage& image() const { return request().images[waiters.front().image]; }
  // To be looked at again.
  const std::vector<NormalizedBox>& parts() const {
    return waiters.front().request->PartsOf(waiters.front().image);
  }
};

// The images that `requests` still wait for, in their order, each once: equal keys under equal
// query fusion are one image. The first `limit` of them.
std::vector<WantedImage> WantedImages(absl::Span<ActiveRequest* const> requests, size_t limit);

// The images of which `requests` want parts to be looked at again, in their order, each once: the
// same parts of an image that had the same first look are one. The first `limit` of them.
std::vector<WantedImage> WantedSecondLooks(absl::Span<ActiveRequest* const> requests, size_t limit);

// Remembers what was perceived, as long as somebody uses it, for those who ask for it later: while
// the image was in work, or in the moment before a cache had it.
//
// Thread-safety: none; the executor thread's.
class RecentPerceptions {
 public:
  void Keep(const std::string& key, const std::shared_ptr<const Perception>& perception);
  // Null when it is not known. An empty key never is.
  std::shared_ptr<const Perception> Find(const std::string& key, bool query_fusion) const;
  // Lets go of what a step brought; those who waited for the step have it by now.
  void EndStep() { held_.clear(); }
  size_t size() const { return known_.size(); }

 private:
  absl::flat_hash_map<std::pair<std::string, bool>, std::weak_ptr<const Perception>> known_;
  std::vector<std::shared_ptr<const Perception>> held_;
  size_t sweep_at_ = 64;  // known_ is then searched for what is gone
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_WANTED_IMAGES_H_
