// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/step_costs.h"

#include <algorithm>

namespace mrmllm {
namespace {

constexpr double kNewest = 0.05;  // weight of one more value, once there are many

}  // namespace

void MovingMean::Observe(double value) {
  ++count_;
  value_ += (value - value_) * std::max(kNewest, 1.0 / count_);
}

void StepCost::Observe(double units, absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  units_.Observe(units);
  seconds_.Observe(seconds);
  units_squared_.Observe(units * units);
  units_by_seconds_.Observe(units * seconds);
}

absl::Duration StepCost::Of(double units) const {
  const double mean = units_.value();
  const double seconds = seconds_.value();
  const double variance = units_squared_.value() - mean * mean;
  if (variance > 0.01 * mean * mean) {
    // Neither nothing nor more of it is for free: through the mean, with no part below zero.
    const double slope = std::max(0.0, (units_by_seconds_.value() - mean * seconds) / variance);
    const double base = std::max(0.0, seconds - slope * mean);
    return absl::Seconds(base + (seconds - base) / mean * units);
  }
  return absl::Seconds(seconds * std::min(1.0, units / mean));
}

void StepCosts::ObserveStep(StepKind kind, int units, absl::Duration duration) {
  if (units > 0) costs_[static_cast<int>(kind)].Observe(units, duration);
}

void StepCosts::ObservePrompt(int tokens, int estimated) {
  if (estimated > 0) prompt_share_.Observe(static_cast<double>(tokens) / estimated);
}

void StepCosts::ObserveAnswer(int tokens, int limit) {
  if (limit > 0) answer_share_.Observe(static_cast<double>(tokens) / limit);
}

bool StepCosts::KnowsAnswers() const {
  return of(StepKind::kPrefill).known() && of(StepKind::kDecode).known() &&
         answer_share_.count() > 0 && prompt_share_.count() > 0;
}

}  // namespace mrmllm
