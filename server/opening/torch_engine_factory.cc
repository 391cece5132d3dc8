// SPDX-License-Identifier: Apache-2.0
#include "server/opening/torch_engine_factory.h"

#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/status_macros.h"
#include "server/telemetry/logging.h"
#include "server/torch_engine.h"

namespace mrmllm {

TorchEngineFactory::TorchEngineFactory(const ServerConfig& config, const ThreadPlacement& placement,
                                       Metrics* metrics)
    : config_(config), placement_(placement), metrics_(metrics) {
  for (size_t i = 0; i < placement.executors.size(); ++i) {
    turns_.push_back(std::make_unique<DeviceTurn>());
  }
}

// One after the other, each on a thread that may use the cores that its steps will run on: the
// caller's are those of everything else.
absl::StatusOr<std::vector<std::unique_ptr<Engine>>> TorchEngineFactory::Open(
    const std::string& bundle_directory) {
  std::vector<std::unique_ptr<Engine>> engines;
  for (size_t i = 0; i < placement_.executors.size(); ++i) {
    absl::StatusOr<std::unique_ptr<Engine>> engine;
    std::thread([&] {
      const absl::Status pinned = PinThisThread(placement_.executors[i].cores);
      engine = pinned.ok() ? OpenOn(i, bundle_directory) : pinned;
    }).join();
    RETURN_IF_ERROR(engine.status());
    engines.push_back(*std::move(engine));
  }
  return engines;
}

absl::StatusOr<std::unique_ptr<Engine>> TorchEngineFactory::OpenOn(
    size_t index, const std::string& bundle_directory) {
  const ThreadPlacement::Executor& executor = placement_.executors[index];
  TorchEngineOptions options;
  options.bundle_directory = bundle_directory;
  options.verify_checksums = config_.bundle_verify_checksums;
  options.device = executor.device;
  options.dtype = config_.device_dtype;
  options.vision_dtype = config_.device_vision_dtype;
  options.threads = executor.threads;
  options.kv_cache_bytes = static_cast<size_t>(config_.kv_cache_capacity_bytes);
  options.share_prefixes = config_.kv_cache_share_prefixes;
  options.turn = turns_[index].get();
  options.warm_up_images = static_cast<int>(config_.scheduler_max_batch_images);
  options.warm_up_prompt_tokens = static_cast<int>(config_.scheduler_max_prefill_tokens);
  options.warm_up_sequences = static_cast<int>(config_.scheduler_max_running_sequences);
  return OpenTorchEngine(options, Clock::Real(), [&](std::string_view phase, absl::Duration took) {
    NotePhase(executor.device, phase, took);
  });
}

void TorchEngineFactory::NotePhase(std::string_view device, std::string_view phase,
                                   absl::Duration took) {
  Log(LogLevel::kInfo, starting_ ? "startup" : "opening",
      {{"device", std::string(device)},
       {"phase", std::string(phase)},
       {"ms", absl::ToDoubleMilliseconds(took)}});
  if (!starting_) return;
  absl::Duration& total = in_phase_[std::string(phase)];
  total += took;
  metrics_->SetStartupPhase(phase, total);
}

void TorchEngineFactory::OnExecutorStart(int index) {
  const ThreadPlacement::Executor& executor = placement_.executors[index];
  // Before its first step: the step's worker threads then stay on these cores too.
  if (absl::Status status = PinThisThread(executor.cores); !status.ok()) {
    Log(LogLevel::kWarning, "executor not pinned", {{"error", std::string(status.message())}});
  }
  SetTorchThreads(executor.threads);
}

}  // namespace mrmllm
