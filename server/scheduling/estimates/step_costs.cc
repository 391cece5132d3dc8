// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/step_costs.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mrmllm {
namespace {

// Of a step that took less than half, or more than twice as long as expected.
constexpr double kQuickWeight = 0.25;
constexpr double kHesitantWeight = 0.0125;

}  // namespace

void MovingMean::Observe(double value, double weight) {
  ++count_;
  value_ += (value - value_) * std::max(weight, 1.0 / count_);
}

void StepCost::Observe(double units, absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  double weight = MovingMean::kUsualWeight;
  if (known()) {
    const absl::Duration expected = Of(units);
    if (duration < expected / 2) weight = kQuickWeight;
    if (duration > expected * 2) weight = kHesitantWeight;
  }
  units_.Observe(units, weight);
  seconds_.Observe(seconds, weight);
  units_squared_.Observe(units * units, weight);
  units_by_seconds_.Observe(units * seconds, weight);
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
  if (units <= 0) return;
  Kind& observed = kinds_[static_cast<int>(kind)];
  observed.cost.Observe(units, duration);
  observed.is_fresh = true;
  observed.faded = 1;
}

void StepCosts::Fade(absl::Time now) {
  for (Kind& kind : kinds_) {
    if (std::exchange(kind.is_fresh, false)) kind.measured = now;
    if (!kind.cost.known()) continue;
    kind.faded = std::exp2(-static_cast<double>((now - kind.measured) / kHalfLife));
  }
}

absl::Duration StepCosts::Of(StepKind kind, double units) const {
  const Kind& known = kinds_[static_cast<int>(kind)];
  return known.cost.Of(units) * known.faded;
}

void StepCosts::ObservePrompt(int tokens, int estimated) {
  if (estimated > 0) prompt_share_.Observe(static_cast<double>(tokens) / estimated);
}

void StepCosts::ObserveAnswer(int tokens, int limit) {
  if (limit > 0) answer_share_.Observe(static_cast<double>(tokens) / limit);
}

bool StepCosts::KnowsAnswers() const {
  return Knows(StepKind::kPrefill) && Knows(StepKind::kDecode) && answer_share_.count() > 0 &&
         prompt_share_.count() > 0;
}

}  // namespace mrmllm
