// SPDX-License-Identifier: Apache-2.0
#include "server/models/served_model.h"

#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

// The pools of key-value blocks that all admitted requests may ask for together: whoever comes last
// waits until the memory has been used so many times.
constexpr int64_t kPoolsOfAdmittedRequests = 16;

// A request may be served by any of them, and the outside is told of the first.
absl::Status CheckSameModel(absl::Span<const std::unique_ptr<Engine>> engines) {
  const EngineInfo& first = engines.front()->info();
  for (const auto& engine : engines) {
    const EngineInfo& info = engine->info();
    if (info.model_name == first.model_name && info.model_version == first.model_version &&
        info.labels == first.labels && info.context_tokens == first.context_tokens &&
        info.detector_input == first.detector_input && info.encoder_input == first.encoder_input) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("device.name: expected the same model on every device, got ", first.model_name,
                     " ", first.model_version, " on ", first.device, " and ", info.model_name, " ",
                     info.model_version, " on ", info.device));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServedModel>> ServedModel::Create(
    Options options, std::vector<std::unique_ptr<Engine>> engines, Clock* clock,
    std::unique_ptr<SchedulerObserver> observer) {
  RETURN_IF_ERROR(CheckSameModel(engines));
  std::vector<Engine*> pointers;
  for (const auto& engine : engines) {
    pointers.push_back(engine.get());
    options.scheduler.admission.kv_blocks += kPoolsOfAdmittedRequests * engine->info().kv_blocks;
  }
  ASSIGN_OR_RETURN(auto scheduler,
                   Scheduler::Create(options.scheduler, pointers, clock, observer.get()));
  ASSIGN_OR_RETURN(auto model, Create(options, std::move(engines), std::move(scheduler), clock));
  model->observer_ = std::move(observer);
  return model;
}

absl::StatusOr<std::unique_ptr<ServedModel>> ServedModel::Create(
    const Options& options, std::vector<std::unique_ptr<Engine>> engines,
    std::unique_ptr<Scheduler> scheduler, Clock* clock) {
  ASSIGN_OR_RETURN(ImageKey key, ImageKey::Create(engines.front()->info()));
  return absl::WrapUnique(
      new ServedModel(options, std::move(engines), std::move(scheduler), std::move(key), clock));
}

ServedModel::ServedModel(const Options& options, std::vector<std::unique_ptr<Engine>> engines,
                         std::unique_ptr<Scheduler> scheduler, ImageKey key, Clock* clock)
    : engines_(std::move(engines)),
      rules_{options.max_images_per_request, &info(), options.second_look},
      cache_(options.cache.capacity_bytes > 0 ? FeatureCache::Create(options.cache, clock)
                                              : nullptr),
      decoder_(options.images, info().detector_input, info().encoder_input, info().max_detail_side),
      intake_(std::make_unique<ImageIntake>(&decoder_, cache_.get(), std::move(key))),
      scheduler_(std::move(scheduler)) {}

KvUsage ServedModel::kv_usage() const {
  KvUsage total;
  for (const auto& engine : engines_) {
    const KvUsage usage = engine->kv_usage();
    total.total_blocks += usage.total_blocks;
    total.reserved_blocks += usage.reserved_blocks;
    total.cached_blocks += usage.cached_blocks;
  }
  return total;
}

FeatureCache::Stats ServedModel::cache_stats() const {
  return cache_ != nullptr ? cache_->stats() : FeatureCache::Stats{};
}

}  // namespace mrmllm
