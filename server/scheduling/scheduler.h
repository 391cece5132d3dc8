// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_SCHEDULER_H_
#define MRMLLM_SERVER_SCHEDULING_SCHEDULER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "base/clock.h"
#include "server/engine.h"
#include "server/scheduling/admission.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// The queue, batch loop and executor thread of each engine. A step is one call of an engine:
// perceive a batch of images, prefill a chunk of prompts, or decode one token for every running
// answer. Between steps requests that were cancelled or have expired leave and free their caches.
//
//   ASSIGN_OR_RETURN(auto scheduler,
//                    Scheduler::Create(options, &engine, Clock::Real(), &observer));
//   ASSIGN_OR_RETURN(Reservation place, scheduler->admission().Reserve(cost));
//   ASSIGN_OR_RETURN(RequestHandle handle,
//                    scheduler->Submit(std::move(request), std::move(place)));
//
// Thread-safety: safe for concurrent use.
// Ownership: engines, clock and observer must outlive the scheduler. Submit takes the request only
// when it returns OK; else it is dropped, its place given back and its listener never called.
// Errors: Create: INVALID_ARGUMENT names the option. Submit: UNAVAILABLE after Stop or
// StopAccepting and when no engine is in service; INVALID_ARGUMENT when an image has neither input
// nor perception; DEADLINE_EXCEEDED when the deadline has passed, or could not be met by the
// current estimate even on an idle engine; RESOURCE_EXHAUSTED when it could not because of the work
// that is ahead. The last two name the estimate; before anything was measured there is none.
class Scheduler {
 public:
  struct Options {
    int max_batch_images = 8;  // images in one perceive step, >= 1
    // Displayed pixels in one perceive step, >= 1; one image always goes.
    int64_t max_batch_pixels = 64'000'000;
    // How long an underfull perceive batch waits for more while nothing else runs, >= 0.
    absl::Duration max_queue_delay = absl::ZeroDuration();
    int max_running_sequences = 16;  // answers in the making, >= 1
    int max_prefill_tokens = 512;    // prompt tokens in one prefill step, >= 1
    Admission::Limits admission;
    // Tenants that share an engine get its time in proportion to these, each > 0; who is not named
    // has weight 1.
    absl::flat_hash_map<std::string, double> tenant_weights;
    // A priority class rises by one for every so much that its oldest request has waited, > 0.
    absl::Duration priority_ageing = absl::Seconds(2);
    // Runs first on each executor thread, once, with the number of its engine, from 0; for settings
    // that belong to a thread. May be empty.
    std::function<void(int engine)> on_executor_start;
  };

  // `observer` may be null. Starts the executor thread.
  static absl::StatusOr<std::unique_ptr<Scheduler>> Create(Options options, Engine* engine,
                                                           Clock* clock,
                                                           SchedulerObserver* observer);
  // Several engines behind one scheduler and one ledger; all have loaded the same model. At least
  // one.
  static absl::StatusOr<std::unique_ptr<Scheduler>> Create(Options options,
                                                           absl::Span<Engine* const> engines,
                                                           Clock* clock,
                                                           SchedulerObserver* observer);
  virtual ~Scheduler() = default;  // stops first

  virtual Admission& admission() = 0;

  // Never blocks on the engine. After OK the listener's OnDone is called exactly once, from the
  // executor thread or from Stop.
  virtual absl::StatusOr<RequestHandle> Submit(Request request, Reservation place) = 0;

  // The request leaves at the next step boundary with CANCELLED; nothing happens when it has ended
  // already.
  virtual void Cancel(RequestHandle handle) = 0;

  // Submit answers UNAVAILABLE from now on; what was taken goes on.
  virtual void StopAccepting() = 0;

  // Waits until no request is left, or until `deadline`; tells whether none is left.
  virtual bool AwaitIdle(absl::Time deadline) = 0;

  // Ends every request with UNAVAILABLE and joins the executor. Idempotent.
  virtual void Stop() = 0;

  // When the executor last began or ended a step, or found nothing to do: liveness is that this
  // moves on while there is work. Without work it is now.
  virtual absl::Time last_progress() const = 0;
  virtual bool has_work() const = 0;

  // When a refused caller should come back, from the measured pace; at least 50 ms, at most 30 s.
  virtual absl::Duration SuggestedRetryDelay() const = 0;

  // How long a request of normal priority that came now would wait before its answer began, by the
  // measured cost of the work that is ahead; zero before anything was measured. For autoscalers.
  virtual absl::Duration PredictedQueueWait() const { return absl::ZeroDuration(); }

  // Engines that have not failed. None: nothing can be served any more.
  virtual int engines_in_service() const { return 1; }
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_SCHEDULER_H_
