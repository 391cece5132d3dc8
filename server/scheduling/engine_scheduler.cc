// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/engine_scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

#include "base/status_macros.h"
#include "server/scheduling/estimates/completion_pace.h"
#include "server/scheduling/estimates/forecast.h"
#include "server/scheduling/loop/batch_executor.h"
#include "server/scheduling/loop/batch_policy.h"
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
  if (options.priority_ageing <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("priority_ageing: expected more than 0, got ",
                                                   absl::FormatDuration(options.priority_ageing)));
  }
  for (const auto& [tenant, weight] : options.tenant_weights) {
    if (weight > 0 && std::isfinite(weight)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("tenant_weights.", tenant, ": expected more than 0, got ", weight));
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
        engine_(*engine),
        queue_(clock),
        forecast_(options_),
        executor_(&options_, engine, &forecast_, clock, observer ? observer : &nobody_),
        thread_([this] { Loop(); }) {}
  ~EngineSchedulerImpl() override { Stop(); }

  Admission& admission() override { return ledger_; }

  absl::StatusOr<RequestHandle> Submit(Request request, Reservation place) override {
    SubmittedRequest submitted{.handle = ++last_handle_,
                               .request = std::move(request),
                               .place = std::move(place),
                               .submitted = clock_->Now()};
    RETURN_IF_ERROR(Take(submitted));
    return submitted.handle;
  }
  absl::Status Take(SubmittedRequest& submitted) override;
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
  int open_requests() const override { return queue_.open(); }
  absl::Duration SuggestedRetryDelay() const override { return pace_.RetryDelay(queue_.open()); }
  absl::Duration PredictedQueueWait() const override { return forecast_.QueueWait(); }
  int engines_in_service() const override { return in_service_ ? 1 : 0; }

 private:
  void Loop();
  // Takes in what callers did since the last boundary; false: it was Stop.
  bool TakeNews() { return Heed(queue_.Collect()); }
  bool Heed(RequestQueue::News news);
  // After the engine has failed: hands back what can be served elsewhere, ends the rest.
  void LeaveService();
  // Lets everyone know of the requests that have ended.
  void PublishEnds();

  const Options options_;
  Clock* const clock_;
  SchedulerObserver nobody_;
  const OnEngineFailed on_engine_failed_;
  Admission own_ledger_;
  Admission& ledger_;
  Engine& engine_;
  std::atomic<RequestHandle> last_handle_ = 0;
  std::atomic<bool> in_service_ = true;
  RequestQueue queue_;
  Forecast forecast_;
  CompletionPace pace_;
  BatchExecutor executor_;  // the executor thread's alone
  absl::Mutex join_mutex_;
  std::thread thread_;  // last: it uses all of the above
};

void EngineSchedulerImpl::Loop() {
  pthread_setname_np(pthread_self(), "mrmllm-executor");
  if (options_.on_executor_start) options_.on_executor_start(0);
  while (TakeNews()) {
    const absl::Time now = clock_->Now();
    executor_.PrepareStep(now);
    if (!executor_.engine_failure().ok()) return LeaveService();
    const BatchStep step = DecideStep(options_, executor_.Snapshot(), now);
    PublishEnds();
    queue_.MarkProgress();
    if (const auto* wait = std::get_if<WaitStep>(&step)) {
      queue_.AwaitNews(std::min(wait->until, executor_.NextDeadline()));
    } else {
      executor_.Run(step);
      PublishEnds();
      if (!executor_.engine_failure().ok()) return LeaveService();
    }
  }
  executor_.EndAll(absl::UnavailableError("the server is stopping"));
  PublishEnds();
}

absl::Status EngineSchedulerImpl::Take(SubmittedRequest& submitted) {
  const Request& request = submitted.request;
  RETURN_IF_ERROR(queue_.Check(request));
  // Without images there is nothing that it could be degraded to.
  const bool may_degrade = request.may_degrade && !request.images.empty();
  const RequestHandle handle = submitted.handle;
  RETURN_IF_ERROR(
      forecast_.Accept(handle, WorkOf(request, engine_, options_), may_degrade, clock_->Now()));
  absl::Status pushed = queue_.Push(submitted);
  if (!pushed.ok()) forecast_.Withdraw(handle);
  return pushed;
}

bool EngineSchedulerImpl::Heed(RequestQueue::News news) {
  if (executor_.empty()) pace_.Begin(clock_->Now());
  for (SubmittedRequest& submitted : news.submitted) executor_.Add(std::move(submitted));
  for (RequestHandle handle : news.cancelled) executor_.Cancel(handle);
  return !news.stopping;
}

void EngineSchedulerImpl::LeaveService() {
  in_service_ = false;
  Heed(queue_.Close(absl::UnavailableError("the engine is out of service")));
  std::vector<SubmittedRequest> untold;
  if (on_engine_failed_) untold = executor_.TakeUntold();
  executor_.EndAll(absl::UnavailableError(
      absl::StrCat("the engine failed: ", executor_.engine_failure().message())));
  forecast_.Publish({}, options_.max_running_sequences, clock_->Now());
  if (on_engine_failed_) on_engine_failed_(std::move(untold));
  PublishEnds();
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
