// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/second_look_budget.h"

#include <algorithm>
#include <cstddef>

namespace mrmllm {

int CountParts(const PartsOfImages& parts) {
  size_t count = 0;
  for (const auto& of_image : parts) count += of_image.size();
  return static_cast<int>(count);
}

void KeepBest(int count, PartsOfImages* parts) {
  size_t most = 0;
  for (const auto& of_image : *parts) most = std::max(most, of_image.size());
  int left = std::max(0, count);
  std::vector<size_t> kept(parts->size(), 0);
  for (size_t rank = 0; rank < most; ++rank) {
    for (size_t i = 0; i < parts->size() && left > 0; ++i) {
      if ((*parts)[i].size() <= rank) continue;
      ++kept[i];
      --left;
    }
  }
  for (size_t i = 0; i < parts->size(); ++i) (*parts)[i].resize(kept[i]);
}

PartsOfImages PlanParts(const Request& request, const Engine& engine,
                        const Scheduler::Options& options) {
  PartsOfImages parts(request.images.size());
  if (request.second_look.settings.mode == SecondLookMode::kOff) return parts;
  const int most = std::min(request.second_look.settings.max_crops, options.max_batch_images);
  for (size_t i = 0; i < parts.size(); ++i) {
    const RequestImage& image = request.images[i];
    if (!image.look_again || !image.input) continue;
    parts[i] = engine.PlanSecondLook(*image.perception, request.second_look);
    if (parts[i].size() > static_cast<size_t>(most)) parts[i].resize(most);
  }
  return parts;
}

int PartsBesides(int waiting, const Scheduler::Options& options) {
  return std::max(0, options.max_batch_images - waiting);
}

}  // namespace mrmllm
