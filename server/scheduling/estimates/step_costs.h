// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ESTIMATES_STEP_COSTS_H_
#define MRMLLM_SERVER_SCHEDULING_ESTIMATES_STEP_COSTS_H_

#include "absl/time/time.h"

#include "server/scheduling/observer.h"

namespace mrmllm {

// A mean of the last few values.
class MovingMean {
 public:
  // `weight`: of this value, once there are many.
  void Observe(double value, double weight = kUsualWeight);
  static constexpr double kUsualWeight = 0.05;
  int count() const { return count_; }
  double value() const { return value_; }  // 0 before the first

 private:
  int count_ = 0;
  double value_ = 0;
};

// How long a step of one kind takes, as a line over its images, tokens or sequences, fitted to the
// last few dozen steps. Where these were too much alike for a line, the estimate errs on the short
// side: in proportion below what was seen, constant above. It follows steps that take much less
// than expected at once, and those that take much more, like a pause of the machine, with
// hesitation.
class StepCost {
 public:
  void Observe(double units, absl::Duration duration);
  bool known() const { return units_.count() >= kEnough; }
  // REQUIRES: units > 0.
  absl::Duration Of(double units) const;

 private:
  static constexpr int kEnough = 3;

  MovingMean units_;
  MovingMean seconds_;
  MovingMean units_squared_;
  MovingMean units_by_seconds_;
};

// What the engine's steps have been measured to cost, and how much of what answers may take they do
// take.
//
//   costs.ObserveStep(StepKind::kDecode, 16, absl::Milliseconds(20));
//   costs.Fade(now);
//   if (costs.KnowsAnswers()) costs.Of(StepKind::kDecode, 8);
//
// Estimates fade: each halves for every ten seconds in which no such step was measured. Else one
// that is too high could refuse the very requests that would correct it.
//
// Thread-safety: none.
class StepCosts {
 public:
  void ObserveStep(StepKind kind, int units, absl::Duration duration);
  // An answer began: of its estimated prompt tokens so many were left to process.
  void ObservePrompt(int tokens, int estimated);
  // An answer ended by itself after so many tokens.
  void ObserveAnswer(int tokens, int limit);

  // The steps that were observed since the last call count as measured now.
  void Fade(absl::Time now);

  bool Knows(StepKind kind) const { return kinds_[static_cast<int>(kind)].cost.known(); }
  bool KnowsAnswers() const;
  // REQUIRES: units > 0; Knows(kind).
  absl::Duration Of(StepKind kind, double units) const;
  double prompt_share() const { return prompt_share_.value(); }  // of the estimated tokens
  double answer_share() const { return answer_share_.value(); }  // of max_new_tokens

 private:
  static constexpr absl::Duration kHalfLife = absl::Seconds(10);
  struct Kind {
    StepCost cost;
    bool is_fresh = false;  // observed since the last Fade
    absl::Time measured = absl::InfinitePast();
    double faded = 1;  // what is left of the estimate
  };

  Kind kinds_[4];  // by StepKind
  MovingMean prompt_share_;
  MovingMean answer_share_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ESTIMATES_STEP_COSTS_H_
