// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_WORKER_POOL_H_
#define MRMLLM_SERVER_SCHEDULING_WORKER_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace mrmllm {

// A few threads that run jobs in the order they came: the decode pool. Its queue needs no bound of
// its own, since every job holds a place in the Admission ledger.
//
// Thread-safety: safe for concurrent use. Ownership: takes the jobs; the destructor runs what is
// queued, then joins.
class WorkerPool {
 public:
  explicit WorkerPool(int thread_count);  // REQUIRES: thread_count >= 1
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False once the pool is being destroyed; the job is then dropped.
  bool Run(absl::AnyInvocable<void() &&> job);

 private:
  void Work();
  bool HasJobOrStopping() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !jobs_.empty();
  }

  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void() &&>> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_WORKER_POOL_H_
