// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/image_affinity.h"

namespace mrmllm {

std::optional<int> ImageAffinity::DeviceOf(const std::string& image_id) {
  const auto found = by_id_.find(image_id);
  if (found == by_id_.end()) return std::nullopt;
  images_.splice(images_.begin(), images_, found->second);
  return found->second->device;
}

void ImageAffinity::Remember(const std::string& image_id, int device) {
  if (DeviceOf(image_id).has_value()) {
    images_.front().device = device;
    return;
  }
  images_.push_front({image_id, device});
  by_id_[image_id] = images_.begin();
  if (images_.size() <= capacity_) return;
  by_id_.erase(images_.back().id);
  images_.pop_back();
}

void ImageAffinity::Forget(int device) {
  for (auto image = images_.begin(); image != images_.end();) {
    if (image->device == device) {
      by_id_.erase(image->id);
      image = images_.erase(image);
    } else {
      ++image;
    }
  }
}

}  // namespace mrmllm
