// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_LIVENESS_MONITOR_H_
#define MRMLLM_SERVER_LIVENESS_MONITOR_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/rpc/hosting/health_service.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// Makes liveness mean progress: an executor that has work but has begun or ended no step for
// `stall_timeout` turns "" to NOT_SERVING, and back when it goes on.
//
// Thread-safety: runs a thread of its own from construction to destruction. Ownership: all pointers
// outlive it.
class LivenessMonitor {
 public:
  LivenessMonitor(const Scheduler* scheduler, HealthReporter* health, Clock* clock,
                  absl::Duration stall_timeout);
  ~LivenessMonitor();
  LivenessMonitor(const LivenessMonitor&) = delete;
  LivenessMonitor& operator=(const LivenessMonitor&) = delete;

 private:
  void Run();

  const Scheduler* const scheduler_;
  HealthReporter* const health_;
  Clock* const clock_;
  const absl::Duration stall_timeout_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_LIVENESS_MONITOR_H_
