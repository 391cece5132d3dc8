// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_IMAGE_STEP_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_IMAGE_STEP_H_

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/engine.h"
#include "server/scheduling/loop/active_request.h"
#include "server/scheduling/loop/wanted_images.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/sharing/fair_share.h"

namespace mrmllm {

// One engine step for images: the first look at some, or the second at parts of some.
//
//   const ImageStep step = ImageStep::SecondLook(WantedSecondLooks(order, 4));
//   const ImageStep::Results results = step.Run(engine);
//   for (const auto& [request, failure] : step.Give(results, took, share)) ...
//
// Thread-safety: none; the executor thread's. Ownership: the requests outlive it.
class ImageStep {
 public:
  using Results = std::vector<absl::StatusOr<std::shared_ptr<const Perception>>>;

  static ImageStep FirstLook(std::vector<WantedImage> wanted);
  static ImageStep SecondLook(std::vector<WantedImage> wanted);

  StepKind kind() const { return kind_; }
  const std::vector<WantedImage>& wanted() const { return wanted_; }
  // Whom it serves, each once.
  const std::vector<ActiveRequest*>& requests() const { return requests_; }
  // Images of a first look, parts of a second.
  int units() const;

  // Runs it: one result for every image.
  Results Run(Engine& engine) const;
  void Report(const Results& results, SchedulerObserver& observer) const;
  // Gives each image's result to all who wait for it, and charges them for their part of `took`.
  // Returns whom it failed, with the first reason.
  absl::flat_hash_map<const ActiveRequest*, absl::Status> Give(const Results& results,
                                                               absl::Duration took,
                                                               FairShare& share) const;

 private:
  ImageStep(StepKind kind, std::vector<WantedImage> wanted);

  StepKind kind_;
  std::vector<WantedImage> wanted_;
  std::vector<int> units_;  // of each
  std::vector<ActiveRequest*> requests_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_IMAGE_STEP_H_
