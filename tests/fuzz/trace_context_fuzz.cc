// SPDX-License-Identifier: Apache-2.0
// The headers of W3C Trace Context: the first line as traceparent, the rest as tracestate.
#include "base/trace_context.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

void ParseParent(std::string_view text) {
  const auto parent = ParseTraceParent(text);
  if (!parent.has_value()) return;
  FuzzCheck(!IsNone(parent->trace_id) && !IsNone(parent->span_id), "ids are not all zero");
  const std::string printed = FormatTraceParent(*parent);
  FuzzCheck(text.substr(3, 50) == std::string_view(printed).substr(3, 50),
            "ids are printed as they came");
  const auto again = ParseTraceParent(printed);
  FuzzCheck(
      again.has_value() && again->trace_id == parent->trace_id && again->span_id == parent->span_id,
      "what is printed can be read");
}

void CleanState(std::string_view text) {
  const std::string clean = CleanTraceState(text);
  FuzzCheck(clean.size() <= 512, "a state is bounded");
  for (const char c : clean) FuzzCheck(c >= ' ' && c <= '~', "a state is printable");
  FuzzCheck(CleanTraceState(clean) == clean, "a clean state stays as it is");
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = mrmllm::FuzzText(data, size);
  const size_t line = input.find('\n');
  mrmllm::ParseParent(input.substr(0, line));
  if (line != input.npos) mrmllm::CleanState(input.substr(line + 1));
  return 0;
}
