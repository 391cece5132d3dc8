// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_SERVED_MODEL_H_
#define MRMLLM_SERVER_MODELS_SERVED_MODEL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "base/clock.h"
#include "server/engine.h"
#include "server/image_decoding/image_decoder.h"
#include "server/rpc/request/image_intake.h"
#include "server/rpc/request/request_validation.h"
#include "server/scheduling/feature_cache.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// All that belongs to one loaded version of a bundle: its engines, their scheduler and ledger, the
// cache of what it saw and the way of images into it. Image ids are its own: no other version, not
// even of the same bundle, knows them.
//
//   ASSIGN_OR_RETURN(auto model, ServedModel::Create(options, std::move(engines), clock,
//   &observer)); ASSIGN_OR_RETURN(ParsedRequest parsed, ParseDetect(request, model->rules()));
//   ... model->scheduler().Submit(...) ...
//
// Thread-safety: safe for concurrent use. Ownership: owns engines and observer; the clock outlives
// it. The destructor stops the scheduler and joins its executors, so none of them may run it (see
// ModelDisposal). Errors: Create: INVALID_ARGUMENT for engines that have not loaded the same model
// and for the options that Scheduler names.
class ServedModel {
 public:
  struct Options {
    Scheduler::Options scheduler;     // the ledger's key-value blocks are added for the engines
    FeatureCache::Options cache;      // capacity 0: no cache, and no image ids are given out
    ImageLimits images;               // of an image that is sent
    int max_images_per_request = 16;  // >= 1
    SecondLookSettings second_look;   // where a request does not say
  };

  // `observer` may be null. REQUIRES: at least one engine.
  static absl::StatusOr<std::unique_ptr<ServedModel>> Create(
      Options options, std::vector<std::unique_ptr<Engine>> engines, Clock* clock,
      std::unique_ptr<SchedulerObserver> observer);
  // The same around a scheduler of the caller's making; the options' part of it is not read.
  static absl::StatusOr<std::unique_ptr<ServedModel>> Create(
      const Options& options, std::vector<std::unique_ptr<Engine>> engines,
      std::unique_ptr<Scheduler> scheduler, Clock* clock);

  const EngineInfo& info() const { return engines_.front()->info(); }
  const ValidationRules& rules() const { return rules_; }
  int EstimatePromptTokens(int image_count, size_t text_bytes) const {
    return engines_.front()->EstimatePromptTokens(image_count, text_bytes);
  }
  Scheduler& scheduler() const { return *scheduler_; }
  const ImageIntake& intake() const { return *intake_; }

  KvUsage kv_usage() const;  // of all engines together
  FeatureCache::Stats cache_stats() const;

 private:
  ServedModel(const Options& options, std::vector<std::unique_ptr<Engine>> engines,
              std::unique_ptr<Scheduler> scheduler, ImageKey key, Clock* clock);

  // Destroyed from the last to the first.
  const std::vector<std::unique_ptr<Engine>> engines_;
  const ValidationRules rules_;
  const std::unique_ptr<FeatureCache> cache_;  // null: none
  const ImageDecoder decoder_;
  const std::unique_ptr<const ImageIntake> intake_;
  std::unique_ptr<SchedulerObserver> observer_;  // null: nobody hears
  const std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_SERVED_MODEL_H_
