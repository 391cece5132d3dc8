// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_clock.h"

#include <algorithm>
#include <set>

namespace mrmllm {

FakeClock::FakeClock(absl::Time start) : now_nanos_(absl::ToUnixNanos(start)) {}

absl::Time FakeClock::Now() { return absl::FromUnixNanos(now_nanos_.load()); }

bool FakeClock::AwaitWithDeadline(absl::Mutex* mutex, const absl::Condition& condition,
                                  absl::Time deadline) {
  Waiter waiter{mutex, deadline};
  {
    absl::MutexLock lock(&mutex_);
    waiters_.push_back(&waiter);
  }
  auto over = [&] { return condition.Eval() || Now() >= deadline; };
  mutex->Await(absl::Condition(&over));
  {
    absl::MutexLock lock(&mutex_);
    std::erase(waiters_, &waiter);
  }
  return condition.Eval();
}

void FakeClock::Advance(absl::Duration by) {
  now_nanos_.fetch_add(absl::ToInt64Nanoseconds(by));
  std::set<absl::Mutex*> mutexes;
  {
    absl::MutexLock lock(&mutex_);
    for (const Waiter* waiter : waiters_) mutexes.insert(waiter->mutex);
  }
  // A mutex looks at its waiters' conditions when it is released.
  for (absl::Mutex* mutex : mutexes) absl::MutexLock lock(mutex);
}

int FakeClock::TimedWaiters() const {
  const absl::Time now = absl::FromUnixNanos(now_nanos_.load());
  return static_cast<int>(std::count_if(waiters_.begin(), waiters_.end(), [&](const Waiter* w) {
    return now < w->deadline && w->deadline < absl::InfiniteFuture();
  }));
}

void FakeClock::BlockUntilWaiters(int count) {
  absl::MutexLock lock(&mutex_);
  auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return TimedWaiters() >= count; };
  mutex_.Await(absl::Condition(&enough));
}

}  // namespace mrmllm
