// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request_gate.h"

namespace mrmllm {

absl::Status RequestGate::Enter() {
  absl::MutexLock lock(&mutex_);
  if (!open_) return absl::UnavailableError("the server is draining: ask another one");
  ++inside_;
  return absl::OkStatus();
}

void RequestGate::Leave() {
  absl::MutexLock lock(&mutex_);
  --inside_;
}

void RequestGate::Close() {
  absl::MutexLock lock(&mutex_);
  open_ = false;
}

bool RequestGate::open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

int RequestGate::inside() const {
  absl::MutexLock lock(&mutex_);
  return inside_;
}

bool RequestGate::AwaitEmpty(Clock* clock, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return clock->AwaitWithDeadline(&mutex_, absl::Condition(this, &RequestGate::Empty), deadline);
}

}  // namespace mrmllm
