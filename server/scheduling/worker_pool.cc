// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/worker_pool.h"

#include <pthread.h>

#include <utility>

namespace mrmllm {

WorkerPool::WorkerPool(int thread_count) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::Run(absl::AnyInvocable<void() &&> job) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  jobs_.push_back(std::move(job));
  return true;
}

void WorkerPool::Work() {
  pthread_setname_np(pthread_self(), "mrmllm-worker");
  while (true) {
    absl::AnyInvocable<void() &&> job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WorkerPool::HasJobOrStopping));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    std::move(job)();
  }
}

}  // namespace mrmllm
