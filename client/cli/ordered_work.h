// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_ORDERED_WORK_H_
#define MRMLLM_CLIENT_CLI_ORDERED_WORK_H_

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mrmllm {

// Does `count` things on several threads and hands over their results in order.
//
//   OrderedWork<Result> work(files.size(), threads);
//   work.Run([&](int i) { return Process(files[i]); },
//            [&](int i, Result result) { Print(result); return go_on; });
//
// At most 2 * threads results wait to be handed over. When `consume` returns false nothing new is
// begun and the rest is dropped.
//
// Thread-safety: `work` is called from several threads at once, `consume` on the caller's only.
template <typename Result>
class OrderedWork {
 public:
  OrderedWork(int count, int threads) : count_(count), threads_(std::min(threads, count)) {}

  template <typename Work, typename Consume>
  void Run(const Work& work, const Consume& consume) {
    std::vector<std::thread> workers;
    for (int t = 0; t < threads_; ++t) {
      workers.emplace_back([&] {
        for (int i = Next(); i < count_; i = Next()) Put(i, work(i));
      });
    }
    bool go_on = true;
    for (int i = 0; i < count_ && go_on; ++i) go_on = consume(i, Take(i));
    Stop();
    for (std::thread& worker : workers) worker.join();
  }

 private:
  // The next thing to do; count_ when there is none.
  int Next() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &OrderedWork::MayBegin));
    return stopped_ || next_ >= count_ ? count_ : next_++;
  }

  void Put(int index, Result result) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    done_.emplace(index, std::move(result));
  }

  Result Take(int index) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    wanted_ = index;
    mutex_.Await(absl::Condition(this, &OrderedWork::HasWanted));
    auto node = done_.extract(index);
    ++taken_;
    return std::move(node.mapped());
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

  bool MayBegin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || next_ >= count_ || next_ < taken_ + 2 * threads_;
  }
  bool HasWanted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done_.count(wanted_) > 0; }

  const int count_;
  const int threads_;
  absl::Mutex mutex_;
  std::map<int, Result> done_ ABSL_GUARDED_BY(mutex_);
  int next_ ABSL_GUARDED_BY(mutex_) = 0;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_ORDERED_WORK_H_
