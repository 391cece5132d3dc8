// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/load_sum.h"

namespace mrmllm {

class LoadSum::Device : public SchedulerObserver {
 public:
  Device(LoadSum* sum, int index) : sum_(*sum), index_(index) {}

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
  void OnLoad(int waiting, int running_sequences, int64_t cache_bytes) override {
    sum_.SetLoad(index_, {waiting, running_sequences, cache_bytes});
  }

 private:
  LoadSum& sum_;
  const int index_;
};

LoadSum::LoadSum(SchedulerObserver* observer, int devices) : observer_(*observer), loads_(devices) {
  for (int i = 0; i < devices; ++i) devices_.push_back(std::make_unique<Device>(this, i));
}

LoadSum::~LoadSum() = default;

SchedulerObserver* LoadSum::device(int index) const { return devices_[index].get(); }

void LoadSum::SetLoad(int device, Load load) {
  // Held while the observer hears of it, so that an older sum never comes after a newer one.
  absl::MutexLock lock(&mutex_);
  loads_[device] = load;
  Load sum;
  for (const Load& each : loads_) {
    sum.waiting += each.waiting;
    sum.running_sequences += each.running_sequences;
    sum.cache_bytes += each.cache_bytes;
  }
  observer_.OnLoad(sum.waiting, sum.running_sequences, sum.cache_bytes);
}

}  // namespace mrmllm
