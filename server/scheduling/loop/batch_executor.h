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
#include "server/scheduling/loop/active_request.h"
#include "server/scheduling/loop/batch_policy.h"
#include "server/scheduling/loop/request_queue.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/scheduler.h"

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
// Errors: a status that the engine gives one item ends that item's request with it, no other.
class BatchExecutor {
 public:
  BatchExecutor(const Scheduler::Options* options, Engine* engine, Clock* clock,
                SchedulerObserver* observer)
      : options_(*options), engine_(*engine), clock_(*clock), observer_(*observer) {}

  void Add(SubmittedRequest submitted);
  // CANCELLED, if the request has not ended.
  void Cancel(RequestHandle handle);
  void EndAll(const absl::Status& status);

  // At a step boundary: expired requests leave; perceived ones go on; answers that have room begin.
  void PrepareStep(absl::Time now);
  BatchSnapshot Snapshot() const;
  // REQUIRES: `step` was decided for the present Snapshot() and is not a WaitStep.
  void Run(const BatchStep& step);

  // Tells the observer of the load, if it has changed.
  void ReportLoad();

  // How many requests have ended since the last call.
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
  // The order in which requests are served within a kind of step: arrival. Priorities and deadlines
  // go here.
  using Rank = RequestHandle;

  void RunPerceive(int image_count);
  void RunPrefill(absl::Span<const int> tokens);
  void RunDecode();
  void BeginAnswers(absl::Time now);
  // Hands perceptions over once all are there; ends the request if they are all it wanted.
  void GoOnIfPerceived(ActiveRequest& request, absl::Time now);
  void LeaveQueue(ActiveRequest& request, StepKind kind, absl::Time now);
  void TakeStepResult(ActiveRequest& request, const absl::StatusOr<StepResult>& step,
                      absl::Time now);
  // `request` is destroyed.
  void End(ActiveRequest& request, const absl::Status& status, absl::Time now);

  const Scheduler::Options& options_;
  Engine& engine_;
  Clock& clock_;
  SchedulerObserver& observer_;
  std::map<Rank, std::unique_ptr<ActiveRequest>> requests_;
  bool perceived_last_ = false;
  bool prefilled_last_ = false;
  int ended_count_ = 0;
  Load reported_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_EXECUTOR_H_
