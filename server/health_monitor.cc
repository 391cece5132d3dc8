// SPDX-License-Identifier: Apache-2.0
#include "server/health_monitor.h"

#include <algorithm>

#include "server/telemetry/logging.h"

namespace mrmllm {

HealthMonitor::HealthMonitor(const ModelRegistry* models, HealthReporter* health, Clock* clock,
                             absl::Duration stall_timeout)
    : models_(models),
      health_(health),
      clock_(clock),
      stall_timeout_(stall_timeout),
      thread_([this] { Run(); }) {}

HealthMonitor::~HealthMonitor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void HealthMonitor::Run() {
  const absl::Duration interval = std::min(stall_timeout_ / 4, absl::Seconds(1));
  absl::MutexLock lock(&mutex_);
  while (
      !clock_->AwaitWithDeadline(&mutex_, absl::Condition(&stopping_), clock_->Now() + interval)) {
    CheckProgress();
    CheckReadiness();
  }
}

bool HealthMonitor::Stalled() const {
  return std::ranges::any_of(models_->All(), [this](const auto& model) {
    const Scheduler& scheduler = model->scheduler();
    return scheduler.has_work() && clock_->Now() - scheduler.last_progress() >= stall_timeout_;
  });
}

void HealthMonitor::CheckProgress() {
  const bool stalled = Stalled();
  if (live_ == !stalled) return;
  live_ = !stalled;
  health_->SetLiveness(live_);
  if (live_) {
    Log(LogLevel::kInfo, "executor makes progress again");
  } else {
    Log(LogLevel::kError, "executor makes no progress",
        {{"stall_timeout", absl::FormatDuration(stall_timeout_)}});
  }
}

void HealthMonitor::Refresh() {
  absl::MutexLock lock(&mutex_);
  CheckReadiness();
}

void HealthMonitor::BeginDrain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  ready_ = false;
  health_->SetReadiness(false);
  std::map<std::string, bool> none = ready_models_;
  for (auto& [name, ready] : none) ready = false;
  TellModels(none);
}

void HealthMonitor::CheckReadiness() {
  if (draining_) return;
  bool ready = false;
  // One that is gone stays known, as not ready.
  std::map<std::string, bool> models = ready_models_;
  for (auto& [name, model_ready] : models) model_ready = false;
  for (const ModelStatus& model : models_->List()) {
    const bool serves = model.active && model.model->scheduler().engines_in_service() > 0;
    models[model.name] |= serves;
    ready |= serves && model.is_default;
  }
  TellModels(models);
  if (ready == ready_) return;
  ready_ = ready;
  health_->SetReadiness(ready);
  if (!ready) {
    Log(LogLevel::kError,
        "the default model cannot serve: it was unloaded, or every engine of it has failed");
  }
}

void HealthMonitor::TellModels(const std::map<std::string, bool>& ready) {
  for (const auto& [name, model_ready] : ready) {
    const auto told = ready_models_.find(name);
    if (told != ready_models_.end() && told->second == model_ready) continue;
    health_->SetModelReadiness(name, model_ready);
  }
  ready_models_ = ready;
}

}  // namespace mrmllm
