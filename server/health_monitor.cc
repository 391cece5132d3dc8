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
    CheckEngines();
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

void HealthMonitor::CheckEngines() {
  if (!engines_are_left_) return;
  const auto model = models_->Find("", "");
  if (model.ok() && (*model)->scheduler().engines_in_service() > 0) return;
  engines_are_left_ = false;
  health_->SetReadiness(false);
  Log(LogLevel::kError, "every engine has failed; nothing can be served until a restart");
}

}  // namespace mrmllm
