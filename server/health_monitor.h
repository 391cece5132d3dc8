// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_HEALTH_MONITOR_H_
#define MRMLLM_SERVER_HEALTH_MONITOR_H_

#include <map>
#include <string>
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
//  - a model is ready while its name has an active version with an engine that has not failed, and
//    the server is ready while its default model is;
//  - a server that drains is not ready, and neither is any model.
//
//   HealthMonitor monitor(&models, &health, clock, absl::Seconds(30));
//   monitor.Refresh();      // the models have changed
//   monitor.BeginDrain();
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

  // Tells the health service at once which models are ready. From any thread.
  void Refresh() ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing is ready from now on.
  void BeginDrain() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Stalled() const;
  void CheckProgress();
  void CheckReadiness() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellModels(const std::map<std::string, bool>& ready) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ModelRegistry* const models_;
  HealthReporter* const health_;
  Clock* const clock_;
  const absl::Duration stall_timeout_;
  bool live_ = true;  // the thread's alone
  absl::Mutex mutex_;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, bool> ready_models_ ABSL_GUARDED_BY(mutex_);  // by name, as was told
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_HEALTH_MONITOR_H_
