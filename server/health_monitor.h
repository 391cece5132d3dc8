// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_HEALTH_MONITOR_H_
#define MRMLLM_SERVER_HEALTH_MONITOR_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/models/model_registry.h"
#include "server/rpc/hosting/health_service.h"

namespace mrmllm {

// Makes health mean what the schedulers say, looking once a second or four times a `stall_timeout`:
//  - liveness is progress: an executor that has work but has begun or ended no step for
//    `stall_timeout`, of any model, turns "" to NOT_SERVING, and back when it goes on;
//  - readiness ends when the default model's last engine has failed. It never begins here: failed
//  engines do not
//    come back, and a server that drains stays NOT_SERVING.
//
//   health.SetReadiness(true);
//   HealthMonitor monitor(&models, &health, clock, absl::Seconds(30));
//
// Thread-safety: runs a thread of its own from construction to destruction. Ownership: all pointers
// outlive it.
class HealthMonitor {
 public:
  HealthMonitor(const ModelRegistry* models, HealthReporter* health, Clock* clock,
                absl::Duration stall_timeout);
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

 private:
  void Run();
  bool Stalled() const;
  void CheckProgress();
  void CheckEngines();

  const ModelRegistry* const models_;
  HealthReporter* const health_;
  Clock* const clock_;
  const absl::Duration stall_timeout_;
  bool live_ = true;              // the thread's alone
  bool engines_are_left_ = true;  // likewise
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_HEALTH_MONITOR_H_
