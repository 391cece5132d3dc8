// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ENGINE_SCHEDULER_H_
#define MRMLLM_SERVER_SCHEDULING_ENGINE_SCHEDULER_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/clock.h"
#include "server/engine.h"
#include "server/scheduling/admission.h"
#include "server/scheduling/loop/request_queue.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// One engine's scheduler, alone or as a part of a pool that shares a ledger. An engine step that
// answers UNAVAILABLE takes the engine out of service for good: the executor thread ends, Submit
// answers UNAVAILABLE, and the requests are handed back or ended (see OnEngineFailed).
//
//   ASSIGN_OR_RETURN(auto part, EngineScheduler::Create(options, &engine, &ledger, clock,
//   &observer,
//                                                       [&](auto requests) { TakeElsewhere(...);
//                                                       }));
//   RETURN_IF_ERROR(part->Take(submitted));
//
// Thread-safety: safe for concurrent use. Ownership: as Scheduler; the ledger outlives it too.
class EngineScheduler : public Scheduler {
 public:
  // Receives the requests that can be served elsewhere as if nothing had happened: those that have
  // told their listener nothing yet. Each keeps its handle, its place in the ledger and the time of
  // its submission. The others end with UNAVAILABLE. Called once, from the executor thread, when
  // engines_in_service() is 0 already. Empty: all of them end with UNAVAILABLE.
  using OnEngineFailed = std::function<void(std::vector<SubmittedRequest>)>;

  // `ledger` null: one of its own, with the options' limits. `observer` may be null. Starts the
  // executor thread.
  static absl::StatusOr<std::unique_ptr<EngineScheduler>> Create(
      Options options, Engine* engine, Admission* ledger, Clock* clock, SchedulerObserver* observer,
      OnEngineFailed on_engine_failed = nullptr);

  // Submit under a handle that the caller chose: it grows with every request's first submission,
  // and no open request of this engine has it. Takes the request only when it returns OK, else
  // leaves it as it was. Cancel() knows it by this handle; those it does not know it ignores. A
  // scheduler is given its requests through Take or through Submit, not both.
  virtual absl::Status Take(SubmittedRequest& request) = 0;

  // Requests that were taken and have not ended; those handed back count until they have been.
  virtual int open_requests() const = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ENGINE_SCHEDULER_H_
