// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/trace_sampler.h"

#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

// Only these are sure to be random (W3C Trace Context, level 2), and OpenTelemetry decides by them.
constexpr int kRandomBits = 56;

std::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

std::optional<TraceParent> CallerOf(const TraceSampler::Metadata& metadata) {
  const auto [begin, end] = metadata.equal_range("traceparent");
  // Two of them are none.
  if (begin == end || std::next(begin) != end) return std::nullopt;
  return ParseTraceParent(View(begin->second));
}

// A list may come in several pieces, in their order.
std::string StateOf(const TraceSampler::Metadata& metadata) {
  std::string text;
  const auto [begin, end] = metadata.equal_range("tracestate");
  for (auto entry = begin; entry != end; ++entry) {
    absl::StrAppend(&text, entry == begin ? "" : ",", AbslView(View(entry->second)));
  }
  return CleanTraceState(text);
}

}  // namespace

TraceSampler::TraceSampler(double share)
    : on_(true),
      threshold_(static_cast<uint64_t>(std::llround(std::ldexp(1.0 - share, kRandomBits)))) {}

bool TraceSampler::Samples(const TraceId& id) const {
  uint64_t random = 0;
  for (size_t i = id.size() - kRandomBits / 8; i < id.size(); ++i) random = random << 8 | id[i];
  return on_ && random >= threshold_;
}

TraceContext TraceSampler::Begin(const Metadata& metadata) const {
  const std::optional<TraceParent> caller = CallerOf(metadata);
  if (!caller.has_value()) return BeginHere();
  TraceContext trace{.trace_id = caller->trace_id, .parent_id = caller->span_id};
  trace.sampled = on_ && caller->sampled;
  if (trace.sampled) {
    trace.span_id = FreshSpanId();
    trace.state = StateOf(metadata);
  }
  return trace;
}

TraceContext TraceSampler::BeginMessage(const TraceContext& call) const {
  if (IsNone(call.parent_id)) return BeginHere();
  TraceContext trace = call;
  if (trace.sampled) trace.span_id = FreshSpanId();
  return trace;
}

TraceContext TraceSampler::BeginHere() const {
  TraceContext trace;
  if (!on_) return trace;
  const TraceId id = FreshTraceId();
  if (Samples(id)) trace = {.trace_id = id, .span_id = FreshSpanId(), .sampled = true};
  return trace;
}

}  // namespace mrmllm
