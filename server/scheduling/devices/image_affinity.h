// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_IMAGE_AFFINITY_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_IMAGE_AFFINITY_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace mrmllm {

// Which device saw an image last: there it is perceived once for all who ask at the same time, and
// there the key-value cache may still have the prompt about it. A memory of the most recently used
// images; forgetting one costs no more than work done twice.
//
//   affinity.Remember(image_id, device);
//   affinity.DeviceOf(image_id);   // marks it as used
//
// Thread-safety: none.
class ImageAffinity {
 public:
  explicit ImageAffinity(size_t capacity) : capacity_(capacity) {}  // in images, >= 1

  std::optional<int> DeviceOf(const std::string& image_id);
  void Remember(const std::string& image_id, int device);
  // The device is gone.
  void Forget(int device);
  size_t size() const { return images_.size(); }

 private:
  struct Image {
    std::string id;
    int device = 0;
  };
  using Images = std::list<Image>;

  const size_t capacity_;
  Images images_;  // the most recently used first
  absl::flat_hash_map<std::string, Images::iterator> by_id_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_IMAGE_AFFINITY_H_
