// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/closed_loop.h"

#include <sys/resource.h>

#include <atomic>

#include "absl/synchronization/blocking_counter.h"
#include "base/clock.h"

namespace mrmllm {
namespace {

absl::Duration ProcessCpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

// Lives until every caller has stopped.
class Loop {
 public:
  Loop(int callers, absl::Duration duration, const StartCall& start)
      : start_(start), end_(Clock::Real()->Now() + duration), callers_left_(callers) {
    for (int caller = 0; caller < callers; ++caller) Next(caller);
  }

  void Await() { callers_left_.Wait(); }
  int64_t replies() const { return replies_; }
  int64_t failures() const { return failures_; }

 private:
  void Next(int caller) {
    if (Clock::Real()->Now() >= end_) {
      callers_left_.DecrementCount();
      return;
    }
    start_(caller, [this, caller](const grpc::Status& status) {
      ++(status.ok() ? replies_ : failures_);
      Next(caller);
    });
  }

  const StartCall& start_;
  const absl::Time end_;
  std::atomic<int64_t> replies_ = 0;
  std::atomic<int64_t> failures_ = 0;
  absl::BlockingCounter callers_left_;
};

}  // namespace

LoopResult RunClosedLoop(int callers, absl::Duration duration, const StartCall& start) {
  const absl::Duration cpu_before = ProcessCpu();
  const absl::Time started = Clock::Real()->Now();
  Loop loop(callers, duration, start);
  loop.Await();
  return {.replies = loop.replies(),
          .failures = loop.failures(),
          .wall = Clock::Real()->Now() - started,
          .cpu = ProcessCpu() - cpu_before};
}

}  // namespace mrmllm
