// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_OBSERVER_H_
#define MRMLLM_SERVER_SCHEDULING_OBSERVER_H_

#include "absl/time/time.h"

namespace mrmllm {

enum class StepKind { kPerceive, kLookAgain, kPrefill, kDecode };

// Hears what the scheduler does; telemetry makes metrics of it. Every method has a default that
// does nothing. Thread-safety: methods may be called from several threads at once and must return
// quickly.
class SchedulerObserver {
 public:
  virtual ~SchedulerObserver() = default;

  // One engine step ended: `batch_size` images, parts of images or sequences, `units` images, parts
  // or tokens.
  virtual void OnStep(StepKind, int /*batch_size*/, int /*units*/, absl::Duration /*duration*/) {}

  // A request waited this long for its first step of this kind.
  virtual void OnQueueWait(StepKind, absl::Duration) {}

  virtual void OnFirstToken(absl::Duration /*since_arrival*/) {}

  // Time per token after the first, of one finished answer.
  virtual void OnTimePerOutputToken(absl::Duration) {}

  // So many images needed no run of the model: an equal one had one in the same step, or just
  // before.
  virtual void OnSharedPerceptions(int /*images*/) {}

  // So many parts of images were looked at again; of the objects, so many were not known before,
  // and so many were replaced.
  virtual void OnSecondLook(int /*parts*/, int /*added*/, int /*changed*/) {}

  // Requests waiting for their first step, and answers in the making with the bytes of their
  // caches; called when they change.
  virtual void OnLoad(int /*waiting*/, int /*running_sequences*/, int64_t /*cache_bytes*/) {}
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_OBSERVER_H_
