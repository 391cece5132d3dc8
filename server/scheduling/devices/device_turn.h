// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_TURN_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_TURN_H_

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "server/engine.h"

namespace mrmllm {

// Whose turn it is on a device: one step at a time, in the order in which they were asked for, so
// that two models with work to do alternate.
//
//   DeviceTurn turn;
//   auto first = TakeTurns(std::move(engine), &turn);
//   auto second = TakeTurns(std::move(other), &turn);   // a step waits for the first's to end
//
// Thread-safety: safe for concurrent use. Ownership: outlives the engines that take turns.
class DeviceTurn {
 public:
  // Waits for its turn, and has it until it is destroyed.
  class Step {
   public:
    explicit Step(DeviceTurn* turn) : turn_(turn) { turn_->Begin(); }
    ~Step() { turn_->End(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    DeviceTurn* const turn_;
  };

  // Steps that wait or run.
  int64_t wanted() const;

 private:
  void Begin();
  void End();

  mutable absl::Mutex mutex_;
  int64_t next_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t turn_of_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The engine, whose steps now wait for their turn. The rest (its info, the composing of a prompt)
// does not touch the device and does not wait.
std::unique_ptr<Engine> TakeTurns(std::unique_ptr<Engine> engine, DeviceTurn* turn);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_TURN_H_
