// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/trace_exporter.h"

#include <algorithm>
#include <utility>

#include "server/telemetry/logging.h"
#include "server/telemetry/tracing/request_spans.h"

namespace mrmllm {
namespace {

// Those that OTLP calls worth another attempt. RESOURCE_EXHAUSTED is not: it is also what a message
// that is too large comes to.
bool IsWorthAnotherAttempt(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

void AddText(const char* key, const std::string& value,
             opentelemetry::proto::resource::v1::Resource* resource) {
  auto* attribute = resource->add_attributes();
  attribute->set_key(key);
  attribute->mutable_value()->set_string_value(value);
}

}  // namespace

TraceExporter::TraceExporter(Options options, std::unique_ptr<OtlpClient> client, Metrics* metrics,
                             Clock* clock)
    : options_(std::move(options)),
      client_(std::move(client)),
      metrics_(metrics),
      clock_(clock),
      instance_id_(TraceHex(FreshTraceId())),
      thread_([this] { Run(); }) {}

TraceExporter::~TraceExporter() { Stop(absl::ZeroDuration()); }

void TraceExporter::Offer(const RequestRecord& record) {
  if (!record.trace.sampled) return;
  const int spans = CountSpans(record);
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_ && held_spans_ + spans <= options_.max_queued_spans) {
      queue_.push_back(record);
      waiting_spans_ += spans;
      held_spans_ += spans;
      return;
    }
  }
  metrics_->RecordTraceSpans("dropped", spans);
}

void TraceExporter::Stop(absl::Duration patience) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) stop_by_ = clock_->Now() + patience;
    stopping_ = true;
    clock_->AwaitWithDeadline(&mutex_, absl::Condition(&done_), stop_by_);
  }
  client_->Cancel();
  if (thread_.joinable()) thread_.join();
}

void TraceExporter::Run() {
  std::vector<RequestRecord> records;
  while (AwaitBatch(&records)) {
    const Batch batch = MakeBatch(records);
    Deliver(batch);
    absl::MutexLock lock(&mutex_);
    held_spans_ -= batch.spans;
  }
  absl::MutexLock lock(&mutex_);
  done_ = true;
}

bool TraceExporter::BatchIsDue() const {
  // Where the queue is short, half of it must do, so that there is room while a batch is sent.
  return stopping_ ||
         waiting_spans_ >= std::min<int64_t>(kBatchSpans, options_.max_queued_spans / 2);
}

bool TraceExporter::AwaitBatch(std::vector<RequestRecord>* records) {
  records->clear();
  absl::MutexLock lock(&mutex_);
  clock_->AwaitWithDeadline(&mutex_, absl::Condition(this, &TraceExporter::HasNews),
                            absl::InfiniteFuture());
  clock_->AwaitWithDeadline(&mutex_, absl::Condition(this, &TraceExporter::BatchIsDue),
                            clock_->Now() + kBatchDelay);
  for (int64_t spans = 0; spans < kBatchSpans && !queue_.empty(); queue_.pop_front()) {
    records->push_back(std::move(queue_.front()));
    spans += CountSpans(records->back());
    waiting_spans_ -= CountSpans(records->back());
  }
  return !records->empty();
}

TraceExporter::Batch TraceExporter::MakeBatch(const std::vector<RequestRecord>& records) const {
  Batch batch;
  auto* group = batch.request.add_resource_spans();
  AddText("service.name", options_.service_name, group->mutable_resource());
  AddText("service.version", MRMLLM_VERSION, group->mutable_resource());
  AddText("service.instance.id", instance_id_, group->mutable_resource());
  auto* scope = group->add_scope_spans();
  scope->mutable_scope()->set_name("mrmllm");
  scope->mutable_scope()->set_version(MRMLLM_VERSION);
  for (const RequestRecord& record : records) AddSpans(record, names_, scope->mutable_spans());
  batch.spans = scope->spans_size();
  return batch;
}

void TraceExporter::Deliver(const Batch& batch) {
  for (int attempt = 1;; ++attempt) {
    const absl::StatusOr<int64_t> refused = client_->Export(batch.request, AttemptTimeout());
    NoteDelivery(refused.status());
    if (refused.ok()) {
      const int64_t failed = std::clamp<int64_t>(*refused, 0, batch.spans);
      metrics_->RecordTraceSpans("exported", batch.spans - failed);
      if (failed > 0) metrics_->RecordTraceSpans("failed", failed);
      return;
    }
    if (!IsWorthAnotherAttempt(refused.status()) || attempt == kAttempts || !BackOff()) break;
  }
  metrics_->RecordTraceSpans("failed", batch.spans);
}

void TraceExporter::NoteDelivery(const absl::Status& status) {
  if (status.ok()) back_off_ = kFirstBackOff;
  if (status.ok() == collector_is_there_) return;
  collector_is_there_ = status.ok();
  if (status.ok()) {
    Log(LogLevel::kInfo, "traces are delivered again");
  } else {
    Log(LogLevel::kWarning, "traces are not delivered",
        {{"code", absl::StatusCodeToString(status.code())},
         {"error", std::string(status.message())}});
  }
}

absl::Duration TraceExporter::AttemptTimeout() {
  absl::MutexLock lock(&mutex_);
  return std::clamp(stop_by_ - clock_->Now(), absl::ZeroDuration(), options_.export_timeout);
}

bool TraceExporter::BackOff() {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  clock_->AwaitWithDeadline(&mutex_, absl::Condition(&stopping_), clock_->Now() + back_off_);
  back_off_ = std::min(2 * back_off_, kLongestBackOff);
  return true;
}

}  // namespace mrmllm
