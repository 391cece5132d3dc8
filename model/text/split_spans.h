// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_SPLIT_SPANS_H_
#define MRMLLM_MODEL_TEXT_SPLIT_SPANS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "model/text/unicode_regex.h"

namespace mrmllm {

// What becomes of the matches when a text is split at them; the names are those of a
// tokenizer.json.
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// "Removed", "Isolated", ...; nothing for another name.
std::optional<SplitBehavior> ParseSplitBehavior(std::string_view name);

// A part of a text that is, or is not, a match. A list of them covers the text without gaps.
struct SplitSpan {
  ByteRange range;
  bool is_match;
};

// Covers [0, text_size) with the `matches` (ascending, not overlapping) and what lies between them.
std::vector<SplitSpan> CoverWithMatches(const std::vector<ByteRange>& matches, size_t text_size);

// The pieces that `spans` become under `behavior`, in order; empty ones are left out.
std::vector<ByteRange> MergeSpans(const std::vector<SplitSpan>& spans, SplitBehavior behavior);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_SPLIT_SPANS_H_
