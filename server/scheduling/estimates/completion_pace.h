// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ESTIMATES_COMPLETION_PACE_H_
#define MRMLLM_SERVER_SCHEDULING_ESTIMATES_COMPLETION_PACE_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mrmllm {

// How fast requests end, as a moving average over about the last ten: the measure of when a refused
// caller should come back.
//
//   pace.Begin(now);               // work came while there was none
//   pace.End(now, 2);              // two requests ended
//   pace.RetryDelay(open_count);
//
// Thread-safety: safe for concurrent use.
class CompletionPace {
 public:
  static constexpr absl::Duration kMinDelay = absl::Milliseconds(50);
  static constexpr absl::Duration kMaxDelay = absl::Seconds(30);

  // Idle time before `now` does not count as slowness.
  void Begin(absl::Time now);
  void End(absl::Time now, int count);

  // The time in which half of `open` requests end: then there is room again, and the device has not
  // run dry. In [kMinDelay, kMaxDelay].
  absl::Duration RetryDelay(int open) const;

 private:
  mutable absl::Mutex mutex_;
  absl::Time since_ ABSL_GUARDED_BY(mutex_);
  // Between two ends. Before anything was measured: a guess.
  absl::Duration interval_ ABSL_GUARDED_BY(mutex_) = absl::Milliseconds(20);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ESTIMATES_COMPLETION_PACE_H_
