// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "server/scheduling/observer.h"

namespace mrmllm {

// Lets one observer hear several schedulers as one: the load it is told is that of all together,
// the rest comes through as it is.
//
//   LoadSum sum(&observer);
//   auto first = sum.Join(), second = sum.Join();   // the observers of two devices
//
// Thread-safety: safe for concurrent use. Ownership: the observer outlives it, and it outlives
// whoever has joined.
class LoadSum {
 public:
  explicit LoadSum(SchedulerObserver* observer) : observer_(*observer) {}

  // An observer of one more scheduler. What it told last leaves the sum with it.
  std::unique_ptr<SchedulerObserver> Join();

 private:
  class Part;
  struct Load {
    int waiting = 0;
    int running_sequences = 0;
    int64_t cache_bytes = 0;
  };

  void Replace(Load* part, const Load& load);

  SchedulerObserver& observer_;
  absl::Mutex mutex_;
  Load total_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_
