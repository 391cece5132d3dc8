// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "absl/time/clock.h"

namespace mrmllm {
namespace {

class RealClock : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }

  bool AwaitWithDeadline(absl::Mutex* mutex, const absl::Condition& condition,
                         absl::Time deadline) override {
    return mutex->AwaitWithDeadline(condition, deadline);
  }
};

}  // namespace

Clock* Clock::Real() {
  static Clock* const clock = new RealClock;
  return clock;
}

void Clock::Pause(absl::Duration duration) {
  // Shared and never destroyed: a fake clock may still look at it when the pause is over.
  static absl::Mutex mutex(absl::kConstInit);
  bool never = false;
  absl::MutexLock lock(&mutex);
  AwaitWithDeadline(&mutex, absl::Condition(&never), Now() + duration);
}

}  // namespace mrmllm
