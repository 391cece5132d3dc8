// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_GATE_H_
#define MRMLLM_SERVER_RPC_REQUEST_GATE_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "base/clock.h"

namespace mrmllm {

// The door that every request comes through. Closing it turns new ones away, while those inside,
// also the ones that still decode, go on to their end: a drain loses none of them.
//
// Thread-safety: safe for concurrent use.
// Errors: Enter: UNAVAILABLE once the gate is closed.
class RequestGate {
 public:
  // After OK the caller owes one Leave.
  absl::Status Enter();
  void Leave();

  void Close();
  bool open() const;
  int inside() const;

  // Waits until nobody is inside, or until `deadline`; tells whether nobody is.
  bool AwaitEmpty(Clock* clock, absl::Time deadline);

 private:
  bool Empty() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return inside_ == 0; }

  mutable absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_GATE_H_
