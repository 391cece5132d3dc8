// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "server/scheduling/observer.h"

namespace mrmllm {

// Lets one observer hear several devices as one: the load it is told is that of all together, the
// rest comes through as it is.
//
//   LoadSum sum(&observer, 2);
//   ... sum.device(0) and sum.device(1) are the devices' observers ...
//
// Thread-safety: safe for concurrent use. Ownership: the observer outlives it, and it outlives
// whoever reports to its devices.
class LoadSum {
 public:
  LoadSum(SchedulerObserver* observer, int devices);
  ~LoadSum();

  SchedulerObserver* device(int index) const;

 private:
  class Device;
  struct Load {
    int waiting = 0;
    int running_sequences = 0;
    int64_t cache_bytes = 0;
  };

  void SetLoad(int device, Load load);

  SchedulerObserver& observer_;
  std::vector<std::unique_ptr<Device>> devices_;
  absl::Mutex mutex_;
  std::vector<Load> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_LOAD_SUM_H_
