// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_LEAPING_CLOCK_H_
#define MRMLLM_TESTS_CLIENT_LEAPING_CLOCK_H_

#include <vector>

#include "base/clock.h"

namespace mrmllm {

// A clock on which waiting takes no time: it leaps to the deadline and remembers how far that was.
//
// Thread-safety: not safe; for tests with one thread.
class LeapingClock : public Clock {
 public:
  absl::Time Now() override { return now_; }

  bool AwaitWithDeadline(absl::Mutex*, const absl::Condition& condition,
                         absl::Time deadline) override {
    if (condition.Eval()) return true;
    leaps_.push_back(deadline - now_);
    now_ = deadline;
    return condition.Eval();
  }

  void Advance(absl::Duration duration) { now_ += duration; }
  const std::vector<absl::Duration>& leaps() const { return leaps_; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::vector<absl::Duration> leaps_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_LEAPING_CLOCK_H_
