// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_EACH_IMAGE_H_
#define MRMLLM_MODEL_PERCEPTION_EACH_IMAGE_H_

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"

#include "model/language/kernels/one_thread_each.h"

namespace mrmllm {

// Images of a batch share nothing, so on a CPU each has a thread of its own: the maps of one stay
// in the cache, those of eight do not. Elsewhere, and for gradients, the batch is one.
inline bool OneThreadForEach(const at::Tensor& batch) {
  return batch.size(0) > 1 && batch.device().is_cpu() && !at::GradMode::is_enabled();
}

// The maps of one image of a batch, as a batch of one.
inline std::vector<at::Tensor> ImageOf(const std::vector<at::Tensor>& maps, int64_t image) {
  std::vector<at::Tensor> slices;
  for (const at::Tensor& map : maps) slices.push_back(map.narrow(0, image, 1));
  return slices;
}

// What `maps_of` makes of the pixels [B, 3, h, w]: `level_count` maps, [B, ...] each. It is given
// the images one by one where that is the faster way.
inline std::vector<at::Tensor> MapsOfEach(
    const at::Tensor& pixels, size_t level_count,
    absl::FunctionRef<std::vector<at::Tensor>(const at::Tensor&)> maps_of) {
  if (!OneThreadForEach(pixels)) return maps_of(pixels);
  std::vector<std::vector<at::Tensor>> levels(level_count, std::vector<at::Tensor>(pixels.size(0)));
  kernels::OneThreadEach(pixels.size(0), [&](int64_t image) {
    std::vector<at::Tensor> maps = maps_of(pixels.narrow(0, image, 1));
    for (size_t i = 0; i < maps.size(); ++i) levels[i][image] = std::move(maps[i]);
  });
  std::vector<at::Tensor> features;
  for (const std::vector<at::Tensor>& images : levels) features.push_back(at::cat(images));
  return features;
}

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_EACH_IMAGE_H_
