// SPDX-License-Identifier: Apache-2.0
//
// FakeEngine's second looks.
#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "tests/support/fake_engine.h"

namespace mrmllm {

void FakeEngine::SetSecondLook(int width, int height, std::vector<NormalizedBox> parts) {
  absl::MutexLock lock(&mutex_);
  second_looks_[{width, height}] = std::move(parts);
}

void FakeEngine::FailSecondLook(int width, int height, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  second_look_faults_[{width, height}] = std::move(status);
}

std::vector<SecondLookGuide> FakeEngine::guides() const {
  absl::MutexLock lock(&mutex_);
  return guides_;
}

std::vector<NormalizedBox> FakeEngine::PlanSecondLook(const Perception& first,
                                                      const SecondLookGuide& guide) const {
  absl::MutexLock lock(&mutex_);
  guides_.push_back(guide);
  auto planned = second_looks_.find({first.width, first.height});
  if (planned == second_looks_.end()) return {};
  std::vector<NormalizedBox> parts = planned->second;
  parts.resize(std::min(parts.size(), static_cast<size_t>(guide.settings.max_crops)));
  return parts;
}

std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> FakeEngine::LookAgain(
    absl::Span<const LookAgainItem> items) {
  Step step{.kind = StepKind::kLookAgain};
  for (const LookAgainItem& item : items) {
    step.images.emplace_back(item.image->width, item.image->height);
    step.parts.push_back(static_cast<int>(item.regions.size()));
  }
  BeginStep(step, std::accumulate(step.parts.begin(), step.parts.end(), 0));
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
  {
    absl::MutexLock lock(&mutex_);
    for (const LookAgainItem& item : items) {
      if (item.regions.empty()) violations_.push_back("LookAgain at nothing");
      if (!item.first->second_look.empty()) violations_.push_back("LookAgain a third time");
      const auto fault = second_look_faults_.find({item.image->width, item.image->height});
      if (device_failed_ || fault != second_look_faults_.end()) {
        results.push_back(device_failed_ ? absl::UnavailableError("the device has failed")
                                         : fault->second);
        continue;
      }
      auto merged = std::make_shared<Perception>(*item.first);
      for (const NormalizedBox& region : item.regions) {
        merged->detections.push_back({.box = region,
                                      .label = "label0",
                                      .score = 0.8f,
                                      .sure = true,
                                      .from_second_look = true});
      }
      merged->second_look = item.regions;
      merged->added_count = static_cast<int>(item.regions.size());
      results.push_back(std::move(merged));
    }
  }
  EndStep();
  return results;
}

}  // namespace mrmllm
