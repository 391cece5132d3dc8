// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SUPPORT_FAKE_CLOCK_H_
#define MRMLLM_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "base/clock.h"

namespace mrmllm {

// A clock that stands still until the test moves it.
//
//   clock.BlockUntilWaiters(1);              // the executor waits for time to pass
//   clock.Advance(absl::Milliseconds(5));    // and wakes if that was its deadline
//
// Thread-safety: safe for concurrent use.
// Ownership: what waits on the clock must not be destroyed while Advance runs. Advance REQUIRES
// that the calling thread holds no mutex that is waited on.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'000'000'000));

  absl::Time Now() override;
  bool AwaitWithDeadline(absl::Mutex* mutex, const absl::Condition& condition,
                         absl::Time deadline) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  void Advance(absl::Duration by);

  // Waits until at least `count` threads wait for time to pass: with a deadline that lies ahead.
  // Threads that wait without a limit do not count.
  void BlockUntilWaiters(int count);

 private:
  struct Waiter {
    absl::Mutex* mutex;
    absl::Time deadline;
  };

  int TimedWaiters() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  std::atomic<int64_t> now_nanos_;  // read inside conditions, where no lock may be taken
  absl::Mutex mutex_;
  std::vector<Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SUPPORT_FAKE_CLOCK_H_
