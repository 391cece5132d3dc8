// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/completion_pace.h"

#include <algorithm>
#include <cmath>

namespace mrmllm {
namespace {

constexpr double kMemory = 0.9;  // weight of the past after one more end

}  // namespace

void CompletionPace::Begin(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  since_ = now;
}

void CompletionPace::End(absl::Time now, int count) {
  if (count < 1) return;
  absl::MutexLock lock(&mutex_);
  const absl::Duration measured = (now - since_) / count;
  const double past = std::pow(kMemory, count);
  interval_ = interval_ * past + measured * (1 - past);
  since_ = now;
}

absl::Duration CompletionPace::RetryDelay(int open) const {
  absl::MutexLock lock(&mutex_);
  return std::clamp(interval_ * (open / 2.0), kMinDelay, kMaxDelay);
}

}  // namespace mrmllm
