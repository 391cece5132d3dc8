// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/engine_scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

#include "base/status_macros.h"
#include "server/scheduling/loop/batch_executor.h"
#include "server/scheduling/loop/batch_policy.h"
#include "server/scheduling/loop/completion_pace.h"
#include "server/scheduling/loop/request_queue.h"

namespace mrmllm {
namespace {

absl::Status CheckAtLeast(absl::string_view name, int64_t least, int64_t value) {
  if (value >= least) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": expected at least ", least, ", got ", value));
}

absl::Status Validate(const Scheduler::Options& options) {
  RETURN_IF_ERROR(CheckAtLeast("max_batch_images", 1, options.max_batch_images));
  RETURN_IF_ERROR(CheckAtLeast("max_batch_pixels", 1, options.max_batch_pixels));
  RETURN_IF_ERROR(CheckAtLeast("max_running_sequences", 1, options.max_running_sequences));
  RETURN_IF_ERROR(CheckAtLeast("max_prefill_tokens", 1, options.max_prefill_tokens));
  RETURN_IF_ERROR(CheckAtLeast("admission.requests", 1, options.admission.requests));
  RETURN_IF_ERROR(CheckAtLeast("admission.pixels", 1, options.admission.pixels));
  RETURN_IF_ERROR(CheckAtLeast("admission.tokens", 1, options.admission.tokens));
  if (options.max_queue_delay < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("max_queue_delay: expected at least 0, got ",
                                                   absl::FormatDuration(options.max_queue_delay)));
  }
  return absl::OkStatus();
}

class EngineSchedulerImpl : public EngineScheduler {
 public:
  EngineSchedulerImpl(Options options, Engine* engine, Admission* ledger, Clock* clock,
                      SchedulerObserver* observer, OnEngineFailed on_engine_failed)
      : options_(std::move(options)),
        clock_(clock),
        on_engine_failed_(std::move(on_engine_failed)),
        own_ledger_(options_.admission),
        ledger_(ledger ? *ledger : own_ledger_),
        queue_(clock),
        executor_(&options_, engine, clock, observer ? observer : &nobody_),
        thread_([this] { Loop(); }) {}
  ~EngineSchedulerImpl() override { Stop(); }

  Admission& admission() override { return ledger_; }

  absl::StatusOr<RequestHandle> Submit(Request request, Reservation place) override {
    return queue_.Push(request, place);
  }
  absl::Status Take(SubmittedRequest& request) override { return queue_.Push(request); }
  void Cancel(RequestHandle handle) override { queue_.Cancel(handle); }
  void StopAccepting() override { queue_.StopAccepting(); }
  bool AwaitIdle(absl::Time deadline) override { return queue_.AwaitIdle(deadline); }

  void Stop() override {
    queue_.Stop();
    absl::MutexLock lock(&join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

  absl::Time last_progress() const override { return queue_.last_progress(); }
  bool has_work() const override { return queue_.open() > 0; }
  absl::Duration SuggestedRetryDelay() const override { return pace_.RetryDelay(queue_.open()); }

 private:
  void Loop();
  // Takes in what callers did since the last boundary; false: it was Stop.
  bool TakeNews();
  // Lets everyone know of the requests that have ended.
  void PublishEnds();

  const Options options_;
  Clock* const clock_;
  SchedulerObserver nobody_;
  const OnEngineFailed on_engine_failed_;
  Admission own_ledger_;
  Admission& ledger_;
  RequestQueue queue_;
  CompletionPace pace_;
  BatchExecutor executor_;  // the executor thread's alone
  absl::Mutex join_mutex_;
  std::thread thread_;  // last: it uses all of the above
};

void EngineSchedulerImpl::Loop() {
  pthread_setname_np(pthread_self(), "mrmllm-executor");
  if (options_.on_executor_start) options_.on_executor_start();
  while (TakeNews()) {
    const absl::Time now = clock_->Now();
    executor_.PrepareStep(now);
    const BatchStep step = DecideStep(options_, executor_.Snapshot(), now);
    PublishEnds();
    queue_.MarkProgress();
    if (const auto* wait = std::get_if<WaitStep>(&step)) {
      queue_.AwaitNews(std::min(wait->until, executor_.NextDeadline()));
    } else {
      executor_.Run(step);
      PublishEnds();
    }
  }
  executor_.EndAll(absl::UnavailableError("the server is stopping"));
  PublishEnds();
}

bool EngineSchedulerImpl::TakeNews() {
  RequestQueue::News news = queue_.Collect();
  if (executor_.empty()) pace_.Begin(clock_->Now());
  for (SubmittedRequest& submitted : news.submitted) executor_.Add(std::move(submitted));
  for (RequestHandle handle : news.cancelled) executor_.Cancel(handle);
  return !news.stopping;
}

void EngineSchedulerImpl::PublishEnds() {
  executor_.ReportLoad();
  const int count = executor_.TakeEndedCount();
  if (count == 0) return;
  pace_.End(clock_->Now(), count);
  queue_.MarkEnded(count);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EngineScheduler>> EngineScheduler::Create(
    Options options, Engine* engine, Admission* ledger, Clock* clock, SchedulerObserver* observer,
    OnEngineFailed on_engine_failed) {
  RETURN_IF_ERROR(Validate(options));
  return std::make_unique<EngineSchedulerImpl>(std::move(options), engine, ledger, clock, observer,
                                               std::move(on_engine_failed));
}

}  // namespace mrmllm
