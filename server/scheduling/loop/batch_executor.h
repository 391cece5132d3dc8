// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_EXECUTOR_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_EXECUTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "base/clock.h"
#include "server/engine.h"
#include "server/scheduling/estimates/forecast.h"
#include "server/scheduling/loop/active_request.h"
#include "server/scheduling/loop/batch_policy.h"
#include "server/scheduling/loop/image_step.h"
#include "server/scheduling/loop/request_queue.h"
#include "server/scheduling/loop/wanted_images.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/scheduler.h"
#include "server/scheduling/sharing/fair_share.h"

namespace mrmllm {

// Holds the requests that are being worked on, runs one engine step at a time for them, and ends
// each exactly once.
//
//   executor.Add(std::move(submitted));
//   executor.PrepareStep(now);                                        // who must leave, leaves
//   executor.Run(DecideStep(options, executor.Snapshot(), now));
//   queue.MarkEnded(executor.TakeEndedCount());
//
// Thread-safety: none; the executor thread's.
// Ownership: the arguments must outlive it. REQUIRES on destruction: every request has ended (see
// EndAll).
// Errors: a status that the engine gives one item ends that item's request with it, no other; of an
// image, all requests that waited for it. UNAVAILABLE is the engine's own (see engine_failure).
class BatchExecutor {
 public:
  BatchExecutor(const Scheduler::Options* options, Engine* engine, Forecast* forecast, Clock* clock,
                SchedulerObserver* observer)
      : options_(*options),
        engine_(*engine),
        forecast_(*forecast),
        clock_(*clock),
        observer_(*observer),
        share_(options->tenant_weights) {}

  void Add(SubmittedRequest submitted);
  // CANCELLED, if the request has not ended.
  void Cancel(RequestHandle handle);
  void EndAll(const absl::Status& status);

  // At a step boundary: requests without time leave; perceived ones go on; all that wait are
  // ranked; answers that have room begin.
  void PrepareStep(absl::Time now);
  BatchSnapshot Snapshot() const;
  // REQUIRES: `step` was decided for the Snapshot() after PrepareStep and is not a WaitStep.
  void Run(const BatchStep& step);

  // Not OK: the engine has failed for good, and nothing may be run any more.
  const absl::Status& engine_failure() const { return engine_failure_; }
  // The requests that told their listener nothing yet; they leave without an end.
  std::vector<SubmittedRequest> TakeUntold();

  // Tells the observer of the load, if it has changed.
  void ReportLoad();

  // How many requests have ended or left since the last call.
  int TakeEndedCount();
  bool empty() const { return requests_.empty(); }
  absl::Time NextDeadline() const;  // InfiniteFuture() when none has one

 private:
  struct Load {
    int waiting = 0;
    int running_sequences = 0;
    int64_t cache_bytes = 0;
    bool operator==(const Load&) const = default;
  };

  void RunForImages(const ImageStep& step);
  void RunPrefill(absl::Span<const int> tokens);
  void RunDecode();
  // Measures a step that took from `began` until now.
  absl::Duration FinishStep(StepKind kind, int batch_size, int units, absl::Time began);
  // True: the request has ended, for want of time.
  bool EndIfTooLate(ActiveRequest& request, absl::Time now);
  // Those whose turn it is, in order_, as far as there is room.
  void BeginAnswers(absl::Time now);
  // Hands perceptions over once all are there and bettered; ends the request if they are all it
  // wanted.
  void GoOnIfPerceived(ActiveRequest& request, absl::Time now);
  // Plans the second look, the first time, or cuts it to what there is still time for. True: parts
  // are left to look at.
  bool LooksAgain(ActiveRequest& request, absl::Time now);
  // How many of so many parts leave the request time for the rest of it.
  int PartsInTime(const ActiveRequest& request, int parts, absl::Time now) const;
  // Images, parts of images and answers that wait for the engine.
  int CountWaiting() const;
  void LeaveQueue(ActiveRequest& request, StepKind kind, absl::Time now);
  void TakeStepResult(ActiveRequest& request, const absl::StatusOr<StepResult>& step,
                      absl::Time now);
  // Ends the request, unless it is the engine that failed. Either way `request` is done with.
  void Fail(ActiveRequest& request, const absl::Status& status, absl::Time now);
  // `request` is destroyed.
  void End(ActiveRequest& request, const absl::Status& status, absl::Time now);
  void Remove(const ActiveRequest& request);

  const Scheduler::Options& options_;
  Engine& engine_;
  Forecast& forecast_;
  Clock& clock_;
  SchedulerObserver& observer_;
  FairShare share_;
  RecentPerceptions recent_;
  std::map<RequestHandle, std::unique_ptr<ActiveRequest>> requests_;
  std::vector<ActiveRequest*> order_;  // of service, of those that wait; between two steps only
  bool perceived_last_ = false;        // see BatchSnapshot
  bool looked_again_last_ = false;
  bool prefilled_last_ = false;
  bool room_is_short_ = false;  // an answer waits for key-value blocks
  int ended_count_ = 0;
  Load reported_;
  absl::Status engine_failure_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_EXECUTOR_H_
