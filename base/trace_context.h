// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_TRACE_CONTEXT_H_
#define MRMLLM_BASE_TRACE_CONTEXT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace mrmllm {

// All zero: none.
using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

// What a caller says of its trace: the `traceparent` of W3C Trace Context.
struct TraceParent {
  TraceId trace_id{};
  SpanId span_id{};  // the caller's span
  bool sampled = false;

  bool operator==(const TraceParent&) const = default;
};

// A request's place in a trace.
// Thread-safety: a plain value. It owns no memory while `state` is empty.
struct TraceContext {
  TraceId trace_id{};    // none: the request belongs to no trace
  SpanId span_id{};      // of the request's own span; none unless sampled
  SpanId parent_id{};    // the caller's span; none: the trace begins here
  bool sampled = false;  // spans are made
  std::string state;     // the caller's `tracestate`; kept only when sampled

  bool operator==(const TraceContext&) const = default;
};

// No spans are made of the request any more; whose trace it is part of stays known.
void EndSampling(TraceContext* trace);

// Strictly by the recommendation: version 00 is exactly its four fields, a later one is read by
// them, ff is none; lower-case digits; no id is all zero. Nothing: the value means nothing.
std::optional<TraceParent> ParseTraceParent(std::string_view text);

// "00-<trace id>-<span id>-01"
std::string FormatTraceParent(const TraceParent& parent);

// The list of a `tracestate` without its empty members, of at most 512 characters: where it is
// longer, members of more than 128 go first, then the last ones. Empty: it breaks the
// recommendation's grammar, has a key twice, or has more than 32 members.
std::string CleanTraceState(std::string_view text);

// As two lower-case digits a byte.
std::string TraceHex(absl::Span<const uint8_t> id);

template <size_t N>
bool IsNone(const std::array<uint8_t, N>& id) {
  return id == std::array<uint8_t, N>{};
}

// Random, never all zero. They need not be secret, only distinct; no memory is allocated.
TraceId FreshTraceId();
SpanId FreshSpanId();

}  // namespace mrmllm

#endif  // MRMLLM_BASE_TRACE_CONTEXT_H_
