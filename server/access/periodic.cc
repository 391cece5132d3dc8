// SPDX-License-Identifier: Apache-2.0
#include "server/access/periodic.h"

#include <utility>

namespace mrmllm {

Periodic::Periodic(Clock* clock, absl::Duration interval, std::function<void()> action)
    : clock_(clock), interval_(interval), action_(std::move(action)), thread_([this] { Run(); }) {}

Periodic::~Periodic() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Periodic::Run() {
  while (AwaitNext()) action_();
}

bool Periodic::AwaitNext() {
  absl::MutexLock lock(&mutex_);
  return !clock_->AwaitWithDeadline(&mutex_, absl::Condition(&stopping_),
                                    clock_->Now() + interval_);
}

}  // namespace mrmllm
