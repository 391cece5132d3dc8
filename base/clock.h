// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_CLOCK_H_
#define MRMLLM_BASE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mrmllm {

// The only door to time, so that tests can hold it still.
//
//   absl::Time due = clock.Now() + max_queue_delay;
//   absl::MutexLock lock(&mutex_);
//   clock.AwaitWithDeadline(&mutex_, absl::Condition(this, &Queue::NotEmpty), due);
//
// Thread-safety: safe for concurrent use.
// Ownership: callers keep the clock alive longer than whoever waits on it.
class Clock {
 public:
  virtual ~Clock() = default;

  // The process-wide real clock; never deleted.
  static Clock* Real();

  virtual absl::Time Now() = 0;

  // Waits until `condition` holds or the clock reaches `deadline` (absl::InfiniteFuture(): no
  // limit) and tells whether `condition` holds. REQUIRES: `mutex` is held exclusively; it is held
  // again on return.
  virtual bool AwaitWithDeadline(absl::Mutex* mutex, const absl::Condition& condition,
                                 absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) = 0;

  // Waits for `duration`. For retry back-off only; nothing in the server sleeps.
  void Pause(absl::Duration duration);
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_CLOCK_H_
