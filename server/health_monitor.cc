// SPDX-License-Identifier: Apache-2.0
#include "server/liveness_monitor.h"

#include "server/telemetry/logging.h"

namespace mrmllm {

LivenessMonitor::LivenessMonitor(const Scheduler* scheduler, HealthReporter* health, Clock* clock,
                                 absl::Duration stall_timeout)
    : scheduler_(scheduler),
      health_(health),
      clock_(clock),
      stall_timeout_(stall_timeout),
      thread_([this] { Run(); }) {}

LivenessMonitor::~LivenessMonitor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void LivenessMonitor::Run() {
  const absl::Duration interval = stall_timeout_ / 4;
  bool live = true;
  absl::MutexLock lock(&mutex_);
  while (
      !clock_->AwaitWithDeadline(&mutex_, absl::Condition(&stopping_), clock_->Now() + interval)) {
    const bool stalled =
        scheduler_->has_work() && clock_->Now() - scheduler_->last_progress() >= stall_timeout_;
    if (live == !stalled) continue;
    live = !stalled;
    health_->SetLiveness(live);
    if (live) {
      Log(LogLevel::kInfo, "executor makes progress again");
    } else {
      Log(LogLevel::kError, "executor makes no progress",
          {{"stall_timeout", absl::FormatDuration(stall_timeout_)}});
    }
  }
}

}  // namespace mrmllm
