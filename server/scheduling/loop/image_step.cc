// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/image_step.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "server/scheduling/loop/result_count.h"

namespace mrmllm {

ImageStep ImageStep::FirstLook(std::vector<WantedImage> wanted) {
  return ImageStep(StepKind::kPerceive, std::move(wanted));
}

ImageStep ImageStep::SecondLook(std::vector<WantedImage> wanted) {
  return ImageStep(StepKind::kLookAgain, std::move(wanted));
}

ImageStep::ImageStep(StepKind kind, std::vector<WantedImage> wanted)
    : kind_(kind), wanted_(std::move(wanted)) {
  for (const WantedImage& image : wanted_) {
    units_.push_back(kind == StepKind::kLookAgain ? static_cast<int>(image.parts().size()) : 1);
    for (const WantedImage::Waiter& waiter : image.waiters) {
      if (std::find(requests_.begin(), requests_.end(), waiter.request) == requests_.end()) {
        requests_.push_back(waiter.request);
      }
    }
  }
}

int ImageStep::units() const { return std::accumulate(units_.begin(), units_.end(), 0); }

ImageStep::Results ImageStep::Run(Engine& engine) const {
  Results results;
  if (kind_ == StepKind::kLookAgain) {
    std::vector<LookAgainItem> items;
    for (const WantedImage& image : wanted_) {
      items.push_back({image.image().input, image.image().perception, image.parts()});
    }
    results = engine.LookAgain(items);
  } else {
    std::vector<PerceiveItem> items;
    for (const WantedImage& image : wanted_) {
      items.push_back({image.image().input, image.request().query_fusion});
    }
    results = engine.Perceive(items);
  }
  RequireOneForEach(wanted_.size(), results);
  for (auto& result : results) {
    if (result.ok() && *result == nullptr) {
      result = absl::InternalError("the engine made no perception");
    }
  }
  return results;
}

void ImageStep::Report(const Results& results, SchedulerObserver& observer) const {
  if (kind_ == StepKind::kPerceive) {
    int shared = 0;
    for (const WantedImage& image : wanted_) shared += static_cast<int>(image.waiters.size()) - 1;
    if (shared > 0) observer.OnSharedPerceptions(shared);
    return;
  }
  int added = 0;
  int changed = 0;
  for (const auto& merged : results) {
    if (!merged.ok()) continue;
    added += (*merged)->added_count;
    changed += (*merged)->changed_count;
  }
  observer.OnSecondLook(units(), added, changed);
}

absl::flat_hash_map<const ActiveRequest*, absl::Status> ImageStep::Give(const Results& results,
                                                                        absl::Duration took,
                                                                        FairShare& share) const {
  absl::flat_hash_map<const ActiveRequest*, absl::Status> failures;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const std::vector<WantedImage::Waiter>& waiters = wanted_[i].waiters;
    const absl::Duration charge =
        took * units_[i] / (units() * static_cast<int64_t>(waiters.size()));
    for (const auto& [request, image] : waiters) {
      share.Charge(request->request().tenant, charge);
      if (!results[i].ok()) {
        failures.try_emplace(request, results[i].status());
      } else if (kind_ == StepKind::kLookAgain) {
        request->SetSecondLook(image, *results[i]);
      } else {
        request->SetPerception(image, *results[i]);
      }
    }
  }
  return failures;
}

}  // namespace mrmllm
