// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ESTIMATES_FORECAST_H_
#define MRMLLM_SERVER_SCHEDULING_ESTIMATES_FORECAST_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "server/engine.h"
#include "server/scheduling/estimates/step_costs.h"
#include "server/scheduling/request.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// What is left to do of one open request.
struct WorkLeft {
  size_t tenant = 0;  // a hash of its name
  double weight = 1;  // the tenant's
  Priority priority = Priority::kNormal;
  absl::Time deadline = absl::InfiniteFuture();
  int images = 0;         // to perceive; one that several requests wait for counts for one of them
  int parts = 0;          // of images, to look at again; what load may still take away not counted
  int prompt_tokens = 0;  // to process: estimated until `running`, then counted
  int max_answer_tokens = 0;  // 0: no answer is wanted
  int answer_tokens = 0;      // written
  bool running = false;       // its answer has begun: it takes part in steps whatever its order
};

// What is to be done of a request that has not begun.
WorkLeft WorkOf(const Request& request, const Engine& engine, const Scheduler::Options& options);

// When work will be done, from what steps cost and what else is open.
//
//   RETURN_IF_ERROR(forecast.Accept(handle, work, may_degrade, now));  // callers, before Push
//   forecast.TakeIn(handle);                              // the executor, once it has the request
//   auto costs = forecast.Publish(all_open, slots, now);  // the executor, at a step boundary
//   forecast.QueueWait();                                 // the gauge
//
// The estimates err on the hopeful side, since a refusal that was not needed is worse than a wait
// in vain: work that may be passed by priority, fair share or deadline does not count as ahead,
// answers are expected to be as long as the last ones were and not as long as they may be, every
// step is taken to be as full as it can get, nothing is estimated before all kinds of steps that
// the request needs were measured, what was not measured for a while fades, and only what exceeds
// the time left by a quarter is too late.
//
// Thread-safety: safe for concurrent use. Errors: Accept: DEADLINE_EXCEEDED when the deadline could
// not be met even alone, RESOURCE_EXHAUSTED when it could.
class Forecast {
 public:
  explicit Forecast(const Scheduler::Options& options);

  // Refuses what cannot meet its deadline (with `may_degrade`: not even its perceptions can); else
  // counts it as open until it is withdrawn, or taken in and then published.
  absl::Status Accept(RequestHandle handle, const WorkLeft& work, bool may_degrade, absl::Time now);
  // It was accepted, and will not come after all.
  void Withdraw(RequestHandle handle);

  // How long a request of normal priority that came now would wait before its answer began.
  absl::Duration QueueWait() const;

  // From the executor: it has a request that was accepted, so the next Publish speaks for it.
  void TakeIn(RequestHandle handle);

  // From the executor: measurements, and all that it has, with the number of answers that there is
  // room for. Publish returns the engine time that each still costs, > 0, in the same order; what
  // was accepted and not taken in stays open beside it.
  void ObserveStep(StepKind kind, int units, absl::Duration duration);
  void ObservePrompt(int tokens, int estimated);
  void ObserveAnswer(int tokens, int limit);
  std::vector<absl::Duration> Publish(const std::vector<WorkLeft>& open, int slots, absl::Time now);

  // Whether the rest of the answer could be written in `left` if it went on from now on.
  bool AnswerFits(const WorkLeft& work, absl::Duration left) const;

  // How many of work.parts can be looked at again so that all of the work is done in `left`, with a
  // quarter of it to spare: nobody waits for them, so here the doubt is against them. All of them,
  // until steps were measured; before second looks were, each counts as a whole image.
  int PartsThatFit(const WorkLeft& work, absl::Duration left) const;

 private:
  struct Open {
    WorkLeft work;
    std::optional<RequestHandle> accepted;  // not taken in yet
  };
  // Seconds of one unit in steps as full as the open work makes them.
  struct UnitCosts {
    double image = 0;
    double part = 0;
    double prompt_token = 0;
    double answer_token = 0;
  };

  bool Knows(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  UnitCosts CostsBeside(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double PromptTokens(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double AnswerTokens(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double Seconds(const WorkLeft& work, const UnitCosts& costs) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double SecondsOfAnswer(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Seconds until `work` would be perceived, or done, with the open work and without.
  double UntilPerceived(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double UntilDone(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double PerceivedAlone(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  double DoneAlone(const WorkLeft& work) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const int max_batch_images_;
  const int max_prefill_tokens_;
  mutable absl::Mutex mutex_;
  StepCosts costs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Open> open_ ABSL_GUARDED_BY(mutex_);
  int slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ESTIMATES_FORECAST_H_
