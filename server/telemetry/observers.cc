// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/observers.h"

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

std::string_view RejectionName(Rejection rejection) {
  switch (rejection) {
    case Rejection::kInvalid:
      return "invalid";
    case Rejection::kOverload:
      return "overload";
    case Rejection::kNotAccepting:
      return "not_accepting";
    case Rejection::kDeadline:
      return "deadline";
    case Rejection::kDenied:
      return "denied";
  }
  return "unknown";
}

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

void LogRequest(const RequestRecord& record, const std::string& code) {
  const bool server_fault = absl::IsInternal(record.status) || absl::IsUnknown(record.status);
  const ExecutionTimings& timings = record.result.timings;
  absl::InlinedVector<LogField, 20> fields = {
      {"method", std::string(record.method)},
      {"request_id", record.request_id},
      {"caller", record.caller},
      {"tenant", record.tenant},
      {"code", code},
      {"error", std::string(record.status.message())},
      {"total_ms", Milliseconds(record.total)},
      {"images", int64_t{record.image_count}},
      {"cached_images", int64_t{record.cached_image_count}},
      {"image_decode_ms", Milliseconds(record.image_decode)},
      {"perceive_ms", Milliseconds(timings.perceive)},
      {"look_again_ms", Milliseconds(timings.look_again)},
      {"prefill_ms", Milliseconds(timings.prefill)},
      {"decode_ms", Milliseconds(timings.decode)},
      {"prompt_tokens", int64_t{record.result.usage.prompt_tokens}},
      {"cached_tokens", int64_t{record.result.usage.cached_tokens}},
      {"answer_tokens", int64_t{record.result.usage.answer_tokens}},
      {"degraded", int64_t{record.result.degraded}}};
  if (const TraceContext& trace = record.trace; !IsNone(trace.trace_id)) {
    fields.push_back({"trace_id", TraceHex(trace.trace_id)});
    if (!IsNone(trace.span_id)) fields.push_back({"span_id", TraceHex(trace.span_id)});
  }
  Log(server_fault ? LogLevel::kError : LogLevel::kInfo, "request",
      absl::Span<const LogField>(fields));
}

}  // namespace

SchedulerTelemetry::SchedulerTelemetry(Metrics* metrics, const Scheduler::Options& bounds)
    : metrics_(metrics),
      max_batch_images_(bounds.max_batch_images),
      max_prefill_tokens_(bounds.max_prefill_tokens),
      max_running_sequences_(bounds.max_running_sequences) {}

void SchedulerTelemetry::OnStep(StepKind kind, int batch_size, int units, absl::Duration duration) {
  const int bound = kind == StepKind::kPrefill  ? max_prefill_tokens_
                    : kind == StepKind::kDecode ? max_running_sequences_
                                                : max_batch_images_;
  metrics_->RecordStep(kind, batch_size, static_cast<double>(units) / bound, duration);
}

void SchedulerTelemetry::OnQueueWait(StepKind kind, absl::Duration wait) {
  metrics_->RecordQueueWait(kind, wait);
}

void SchedulerTelemetry::OnFirstToken(absl::Duration since_arrival) {
  metrics_->RecordFirstToken(since_arrival);
}

void SchedulerTelemetry::OnTimePerOutputToken(absl::Duration duration) {
  metrics_->RecordTimePerOutputToken(duration);
}

void SchedulerTelemetry::OnSharedPerceptions(int images) {
  metrics_->RecordSharedPerceptions(images);
}

void SchedulerTelemetry::OnSecondLook(int parts, int added, int changed) {
  metrics_->RecordSecondLook(parts, added, changed);
}

void SchedulerTelemetry::OnLoad(int waiting, int running_sequences, int64_t cache_bytes) {
  metrics_->SetLoad(waiting, running_sequences, cache_bytes);
}

void RpcTelemetry::OnRequestDone(const RequestRecord& record) {
  const std::string code = absl::StatusCodeToString(record.status.code());
  metrics_->RecordRequest(record.method, code, record.total);
  metrics_->RecordTokens(record.result.usage);
  if (record.result.degraded) metrics_->RecordDegraded();
  if (record.scheduled) {
    const ExecutionTimings& timings = record.result.timings;
    metrics_->RecordPriorityWait(record.priority, timings.perceive_queue + timings.prefill_queue);
  }
  if (traces_ != nullptr) traces_->Offer(record);
  LogRequest(record, code);
}

void RpcTelemetry::OnRejection(Rejection rejection) {
  metrics_->RecordRejection(RejectionName(rejection));
}

void RpcTelemetry::OnAuthFailure(AuthFailure failure) {
  metrics_->RecordAuthFailure(AuthFailureName(failure));
}

void RpcTelemetry::OnImageDecode(absl::Duration duration) { metrics_->RecordImageDecode(duration); }

void RpcTelemetry::OnCacheLookup(int hits, int misses) {
  metrics_->RecordCacheLookup(hits, misses);
}

void RpcTelemetry::OnAgreement(const Agreement& agreement) {
  metrics_->RecordAgreement(agreement.score);
  for (const Conflict& conflict : agreement.conflicts) {
    metrics_->RecordConflict(ConflictName(conflict.kind));
  }
}

}  // namespace mrmllm
