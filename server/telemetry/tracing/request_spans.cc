// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/request_spans.h"

#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

namespace otlp = opentelemetry::proto::trace::v1;

struct Stage {
  const char* name;
  const char* before;  // of a queue: the stage that it leads to
  absl::Time begin;
  absl::Duration took;
};
using Stages = absl::InlinedVector<Stage, 7>;

Stages StagesOf(const RequestRecord& record) {
  Stages stages;
  if (record.image_decode > absl::ZeroDuration()) {
    stages.push_back({"image_decode", "", record.handed_over, record.image_decode});
  }
  const ExecutionTimings& timings = record.result.timings;
  if (timings.submitted == absl::InfinitePast()) return stages;
  absl::Time begin = timings.submitted;
  for (const auto& [name, before, took] : {
           std::tuple{"queue", "perceive", timings.perceive_queue},
           std::tuple{"perceive", "", timings.perceive},
           std::tuple{"look_again", "", timings.look_again},
           std::tuple{"queue", "prefill", timings.prefill_queue},
           std::tuple{"prefill", "", timings.prefill},
           std::tuple{"decode", "", timings.decode},
       }) {
    if (took > absl::ZeroDuration()) stages.push_back({name, before, begin, took});
    begin += took;
  }
  return stages;
}

void Set(otlp::Span* span, const char* key, std::string_view value) {
  auto* attribute = span->add_attributes();
  attribute->set_key(key);
  attribute->mutable_value()->set_string_value(std::string(value));
}

void Set(otlp::Span* span, const char* key, int64_t value) {
  auto* attribute = span->add_attributes();
  attribute->set_key(key);
  attribute->mutable_value()->set_int_value(value);
}

void SetUnlessZero(otlp::Span* span, const char* key, int64_t value) {
  if (value != 0) Set(span, key, value);
}

template <typename Id>
std::string Bytes(const Id& id) {
  return std::string(id.begin(), id.end());
}

uint64_t Nanos(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixNanos(time)); }

// By OpenTelemetry's conventions a server's span fails by these alone; the others are the caller's.
bool IsServersFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

otlp::Span* AddSpan(const RequestRecord& record, absl::Time begin, absl::Duration took,
                    google::protobuf::RepeatedPtrField<otlp::Span>* spans) {
  otlp::Span* span = spans->Add();
  span->set_trace_id(Bytes(record.trace.trace_id));
  span->set_trace_state(record.trace.state);
  span->set_start_time_unix_nano(Nanos(begin));
  span->set_end_time_unix_nano(Nanos(begin + took));
  return span;
}

void SetStatus(const absl::Status& status, otlp::Span* span) {
  Set(span, "rpc.grpc.status_code", static_cast<int64_t>(status.code()));
  if (status.ok()) return;
  const std::string code = absl::StatusCodeToString(status.code());
  Set(span, "error.type", code);
  if (!IsServersFault(status.code())) return;
  span->mutable_status()->set_code(otlp::Status::STATUS_CODE_ERROR);
}

void SetUsage(const RequestRecord& record, otlp::Span* span) {
  const TokenUsage& usage = record.result.usage;
  SetUnlessZero(span, "mrmllm.images", record.image_count);
  SetUnlessZero(span, "mrmllm.images.cached", record.cached_image_count);
  SetUnlessZero(span, "gen_ai.usage.input_tokens", usage.prompt_tokens);
  SetUnlessZero(span, "gen_ai.usage.output_tokens", usage.answer_tokens);
  SetUnlessZero(span, "mrmllm.tokens.perception", usage.perception_tokens);
  SetUnlessZero(span, "mrmllm.tokens.cached", usage.cached_tokens);
  SetUnlessZero(span, "mrmllm.degraded", record.result.degraded);
}

void FillRequestSpan(const RequestRecord& record, std::string_view service, otlp::Span* span) {
  const bool has_parent = !IsNone(record.trace.parent_id);
  span->set_name(service.empty() ? std::string(record.method)
                                 : absl::StrCat(AbslView(service), "/", AbslView(record.method)));
  span->set_kind(otlp::Span::SPAN_KIND_SERVER);
  span->set_span_id(Bytes(record.trace.span_id));
  if (has_parent) span->set_parent_span_id(Bytes(record.trace.parent_id));
  // The flags of the trace, that it is known where the parent is, and that it is elsewhere.
  span->set_flags(0x101u | (has_parent ? 0x200u : 0u));
  Set(span, "rpc.system", "grpc");
  if (!service.empty()) Set(span, "rpc.service", service);
  Set(span, "rpc.method", record.method);
  SetStatus(record.status, span);
  Set(span, "mrmllm.request_id", record.request_id);
  if (!record.tenant.empty()) Set(span, "mrmllm.tenant", record.tenant);
  Set(span, "mrmllm.priority", PriorityName(record.priority));
  SetUsage(record, span);
  if (const absl::Duration first = record.result.timings.time_to_first_token;
      first > absl::ZeroDuration()) {
    auto* event = span->add_events();
    event->set_name("first_token");
    event->set_time_unix_nano(Nanos(record.at + first));
  }
}

}  // namespace

int CountSpans(const RequestRecord& record) {
  return 1 + static_cast<int>(StagesOf(record).size());
}

void AddSpans(const RequestRecord& record, const RpcNames& names,
              google::protobuf::RepeatedPtrField<otlp::Span>* spans) {
  FillRequestSpan(record, names.ServiceOf(record.method),
                  AddSpan(record, record.at, record.total, spans));
  for (const Stage& stage : StagesOf(record)) {
    otlp::Span* span = AddSpan(record, stage.begin, stage.took, spans);
    span->set_name(stage.name);
    span->set_kind(otlp::Span::SPAN_KIND_INTERNAL);
    span->set_span_id(Bytes(FreshSpanId()));
    span->set_parent_span_id(Bytes(record.trace.span_id));
    span->set_flags(0x101);
    if (*stage.before != '\0') Set(span, "mrmllm.queue.before", stage.before);
  }
}

}  // namespace mrmllm
