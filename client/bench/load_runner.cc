// SPDX-License-Identifier: Apache-2.0
#include "client/bench/load_runner.h"

#include <algorithm>
#include <utility>

#include "client/bench/arrivals.h"

namespace mrmllm {

LevelResult LoadRunner::Run(const LevelPlan& plan) {
  Begin(plan);
  if (plan.rate > 0) {
    RunOpen(plan);
  } else {
    RunClosed(plan);
  }
  return Finish();
}

void LoadRunner::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  caller_.CancelAll();
}

void LoadRunner::Begin(const LevelPlan& plan) {
  workload_.Restart();
  absl::MutexLock lock(&mutex_);
  result_ = {.plan = plan};
  ends_.clear();
  warmed_up_ = 0;
  window_begin_.reset();
  window_end_.reset();
}

void LoadRunner::RunClosed(const LevelPlan& plan) {
  if (plan.warmup == 0) BeginWindow(clock_.Now());
  while (AwaitIdleClient()) Send(clock_.Now(), std::nullopt);
}

void LoadRunner::RunOpen(const LevelPlan& plan) {
  PoissonArrivals arrivals(plan.rate, plan.seed);
  const absl::Time start = clock_.Now();
  absl::Time limit = absl::InfiniteFuture();
  if (plan.warmup == 0) limit = BeginWindow(start);
  for (int arrived = 0;; ++arrived) {
    const absl::Time at = start + arrivals.Next();
    const bool enough = plan.requests > 0 && arrived == plan.warmup + plan.requests;
    if (enough || at >= limit) return EndWindow(std::min(at, limit));
    if (!AwaitTime(at)) return;
    const bool counts = arrived >= plan.warmup;
    if (TakePlace(counts)) Send(at, counts);
    if (arrived + 1 == plan.warmup) limit = BeginWindow(at);
  }
}

absl::Time LoadRunner::BeginWindow(absl::Time at) {
  absl::MutexLock lock(&mutex_);
  window_begin_ = at;
  return WindowLimit();
}

void LoadRunner::EndWindow(absl::Time at) {
  absl::MutexLock lock(&mutex_);
  window_end_ = at;
}

bool LoadRunner::AwaitIdleClient() {
  absl::MutexLock lock(&mutex_);
  // The limit is known only when the warm-up is over, which a client that has become idle shows.
  clock_.AwaitWithDeadline(&mutex_, absl::Condition(this, &LoadRunner::MaySendNext), WindowLimit());
  if (clock_.Now() >= WindowLimit() && !window_end_.has_value()) window_end_ = WindowLimit();
  if (stopped_ || window_end_.has_value()) return false;
  ++in_flight_;
  return true;
}

bool LoadRunner::AwaitTime(absl::Time at) {
  absl::MutexLock lock(&mutex_);
  clock_.AwaitWithDeadline(&mutex_, absl::Condition(&stopped_), at);
  return !stopped_;
}

bool LoadRunner::TakePlace(bool counts) {
  absl::MutexLock lock(&mutex_);
  if (in_flight_ >= result_.plan.max_in_flight) {
    if (counts) ++result_.not_sent;
    return false;
  }
  ++in_flight_;
  return true;
}

void LoadRunner::Send(absl::Time wanted, std::optional<bool> counts) {
  Query query = workload_.Next();
  const Rpc rpc = query.rpc;
  {
    absl::MutexLock lock(&mutex_);
    result_.latest_start = std::max(result_.latest_start, clock_.Now() - wanted);
  }
  caller_.Start(std::move(query), [this, rpc, wanted, counts](const Reply& reply) {
    OnEnded(rpc, wanted, counts, reply);
  });
}

void LoadRunner::OnEnded(Rpc rpc, absl::Time wanted, std::optional<bool> counts,
                         const Reply& reply) {
  absl::MutexLock lock(&mutex_);
  --in_flight_;
  if (stopped_) {
    ++result_.unfinished;
    return;
  }
  if (counts.has_value() ? *counts : CountsInClosedLoop(reply.ended)) Record(rpc, wanted, reply);
}

bool LoadRunner::CountsInClosedLoop(absl::Time ended) {
  const LevelPlan& plan = result_.plan;
  if (!window_begin_.has_value()) {
    if (++warmed_up_ == plan.warmup) window_begin_ = ended;
    return false;
  }
  if (window_end_.has_value() || ended > WindowLimit()) return false;
  if (plan.requests > 0 && static_cast<int>(result_.samples.size()) + 1 == plan.requests) {
    window_end_ = ended;
  }
  return true;
}

void LoadRunner::Record(Rpc rpc, absl::Time wanted, const Reply& reply) {
  const auto since = [&](std::optional<absl::Time> time) -> std::optional<absl::Duration> {
    if (!time.has_value()) return std::nullopt;
    return *time - wanted;
  };
  Sample sample{.rpc = rpc,
                .code = reply.status.code(),
                .latency = reply.ended - wanted,
                .first_boxes = since(reply.first_boxes),
                .first_token = since(reply.first_text),
                .answer_tokens = reply.answer_tokens,
                .cached = reply.cached,
                .degraded = reply.degraded};
  if (reply.first_text.has_value() && reply.answer_tokens > 1) {
    sample.per_token = (reply.ended - *reply.first_text) / (reply.answer_tokens - 1);
  }
  if (!reply.status.ok() && result_.first_error.ok()) result_.first_error = reply.status;
  result_.samples.push_back(sample);
  ends_.push_back(reply.ended);
}

LevelResult LoadRunner::Finish() {
  absl::MutexLock lock(&mutex_);
  clock_.AwaitWithDeadline(&mutex_, absl::Condition(this, &LoadRunner::NoneInFlight),
                           absl::InfiniteFuture());
  const absl::Time end = window_end_.value_or(clock_.Now());
  result_.window = end - window_begin_.value_or(end);
  result_.stopped = stopped_;
  for (size_t i = 0; i < ends_.size(); ++i) result_.samples[i].in_window = ends_[i] <= end;
  return std::move(result_);
}

absl::Time LoadRunner::WindowLimit() const {
  if (result_.plan.requests > 0 || !window_begin_.has_value()) return absl::InfiniteFuture();
  return *window_begin_ + result_.plan.duration;
}

}  // namespace mrmllm
