// SPDX-License-Identifier: Apache-2.0
#include "server/health_monitor.h"

#include <algorithm>

#include "server/telemetry/logging.h"

namespace mrmllm {

HealthMonitor::HealthMonitor(const Scheduler* scheduler, HealthReporter* health, Clock* clock,
                             absl::Duration stall_timeout)
    : scheduler_(scheduler),
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

void HealthMonitor::CheckProgress() {
  const bool stalled =
      scheduler_->has_work() && clock_->Now() - scheduler_->last_progress() >= stall_timeout_;
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
  if (!engines_are_left_ || scheduler_->engines_in_service() > 0) return;
  engines_are_left_ = false;
  health_->SetReadiness(false);
  Log(LogLevel::kError, "every engine has failed; nothing can be served until a restart");
}

}  // namespace mrmllm
