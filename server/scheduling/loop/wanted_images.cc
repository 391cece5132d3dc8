// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/wanted_images.h"

#include <algorithm>

namespace mrmllm {

std::vector<WantedImage> WantedImages(absl::Span<ActiveRequest* const> requests, size_t limit) {
  std::vector<WantedImage> wanted;
  absl::flat_hash_map<std::pair<std::string, bool>, size_t> by_key;  // into `wanted`
  for (ActiveRequest* request : requests) {
    if (!request->Perceiving()) continue;
    const std::vector<RequestImage>& images = request->request().images;
    for (size_t i = 0; i < images.size(); ++i) {
      if (images[i].perception) continue;
      size_t place = wanted.size();
      if (!images[i].key.empty()) {
        const std::pair key(images[i].key, request->request().query_fusion);
        place = by_key.try_emplace(key, place).first->second;
      }
      if (place >= limit) continue;
      if (place == wanted.size()) wanted.emplace_back();
      wanted[place].waiters.push_back({request, i});
    }
  }
  return wanted;
}

std::vector<WantedImage> WantedSecondLooks(absl::Span<ActiveRequest* const> requests,
                                           size_t limit) {
  std::vector<WantedImage> wanted;
  for (ActiveRequest* request : requests) {
    if (!request->LookingAgain()) continue;
    const std::vector<RequestImage>& images = request->request().images;
    for (size_t i = 0; i < images.size(); ++i) {
      const std::vector<NormalizedBox>& parts = request->PartsOf(i);
      if (parts.empty()) continue;
      // There are no more of them than go into a few steps, so a search will do.
      auto same = std::find_if(wanted.begin(), wanted.end(), [&](const WantedImage& other) {
        return other.image().perception == images[i].perception && other.parts() == parts;
      });
      if (same == wanted.end()) {
        if (wanted.size() == limit) continue;
        same = wanted.emplace(wanted.end());
      }
      same->waiters.push_back({request, i});
    }
  }
  return wanted;
}

void RecentPerceptions::Keep(const std::string& key,
                             const std::shared_ptr<const Perception>& perception) {
  if (key.empty()) return;
  if (known_.size() >= sweep_at_) {
    for (auto next = known_.begin(); next != known_.end();) {
      const auto current = next++;
      if (current->second.expired()) known_.erase(current);
    }
    sweep_at_ = std::max<size_t>(64, 2 * known_.size());
  }
  known_[{key, perception->query_fusion}] = perception;
  held_.push_back(perception);
}

std::shared_ptr<const Perception> RecentPerceptions::Find(const std::string& key,
                                                          bool query_fusion) const {
  auto found = key.empty() ? known_.end() : known_.find({key, query_fusion});
  return found == known_.end() ? nullptr : found->second.lock();
}

}  // namespace mrmllm
