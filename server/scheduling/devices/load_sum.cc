// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/load_sum.h"

#include <utility>

namespace mrmllm {

class LoadSum::Part : public SchedulerObserver {
 public:
  explicit Part(LoadSum* sum) : sum_(*sum) {}
  ~Part() override { sum_.Replace(&load_, {}); }

  void OnStep(StepKind kind, int batch_size, int units, absl::Duration duration) override {
    sum_.observer_.OnStep(kind, batch_size, units, duration);
  }
  void OnQueueWait(StepKind kind, absl::Duration wait) override {
    sum_.observer_.OnQueueWait(kind, wait);
  }
  void OnFirstToken(absl::Duration since_arrival) override {
    sum_.observer_.OnFirstToken(since_arrival);
  }
  void OnTimePerOutputToken(absl::Duration time) override {
    sum_.observer_.OnTimePerOutputToken(time);
  }
  void OnSharedPerceptions(int images) override { sum_.observer_.OnSharedPerceptions(images); }
  void OnSecondLook(int parts, int added, int changed) override {
    sum_.observer_.OnSecondLook(parts, added, changed);
  }
  void OnLoad(int waiting, int running_sequences, int64_t cache_bytes) override {
    sum_.Replace(&load_, {waiting, running_sequences, cache_bytes});
  }

 private:
  LoadSum& sum_;
  Load load_;  // guarded by the sum's mutex
};

std::unique_ptr<SchedulerObserver> LoadSum::Join() { return std::make_unique<Part>(this); }

void LoadSum::Replace(Load* part, const Load& load) {
  // Held while the observer hears of it, so that an older sum never comes after a newer one.
  absl::MutexLock lock(&mutex_);
  const Load before = std::exchange(*part, load);
  total_.waiting += load.waiting - before.waiting;
  total_.running_sequences += load.running_sequences - before.running_sequences;
  total_.cache_bytes += load.cache_bytes - before.cache_bytes;
  observer_.OnLoad(total_.waiting, total_.running_sequences, total_.cache_bytes);
}

}  // namespace mrmllm
