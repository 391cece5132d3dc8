// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_ACCESS_PERIODIC_H_
#define MRMLLM_SERVER_ACCESS_PERIODIC_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace mrmllm {

// Does something again and again, for the first time one interval after its construction.
//
//   Periodic watch(clock, absl::Seconds(30), [&] { source.Look(); });
//
// Thread-safety: runs a thread of its own from construction to destruction. Ownership: the clock
// and what `action` uses outlive it.
class Periodic {
 public:
  Periodic(Clock* clock, absl::Duration interval, std::function<void()> action);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  void Run();
  // One interval later, or at the end: false.
  bool AwaitNext() ABSL_LOCKS_EXCLUDED(mutex_);

  Clock* const clock_;
  const absl::Duration interval_;
  const std::function<void()> action_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_ACCESS_PERIODIC_H_
