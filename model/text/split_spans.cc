// SPDX-License-Identifier: Apache-2.0
#include "model/text/split_spans.h"

#include <algorithm>

namespace mrmllm {
namespace {

// Joins runs of spans with the same `is_match`.
std::vector<ByteRange> JoinRuns(const std::vector<SplitSpan>& spans) {
  std::vector<ByteRange> pieces;
  bool previous_is_match = false;
  for (const SplitSpan& span : spans) {
    if (!pieces.empty() && span.is_match == previous_is_match) {
      pieces.back().end = span.range.end;
    } else {
      pieces.push_back(span.range);
    }
    previous_is_match = span.is_match;
  }
  return pieces;
}

// A match is appended to the piece before it, unless that piece already ends in a match.
std::vector<ByteRange> JoinToPrevious(const std::vector<SplitSpan>& spans) {
  std::vector<ByteRange> pieces;
  bool previous_is_match = false;
  for (const SplitSpan& span : spans) {
    if (span.is_match && !previous_is_match && !pieces.empty()) {
      pieces.back().end = span.range.end;
    } else {
      pieces.push_back(span.range);
    }
    previous_is_match = span.is_match;
  }
  return pieces;
}

// The mirror image: found from the right.
std::vector<ByteRange> JoinToNext(const std::vector<SplitSpan>& spans) {
  std::vector<ByteRange> pieces;
  bool next_is_match = false;
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    if (span->is_match && !next_is_match && !pieces.empty()) {
      pieces.back().begin = span->range.begin;
    } else {
      pieces.push_back(span->range);
    }
    next_is_match = span->is_match;
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

std::vector<ByteRange> Ranges(const std::vector<SplitSpan>& spans, bool with_matches) {
  std::vector<ByteRange> pieces;
  for (const SplitSpan& span : spans) {
    if (with_matches || !span.is_match) pieces.push_back(span.range);
  }
  return pieces;
}

}  // namespace

std::optional<SplitBehavior> ParseSplitBehavior(std::string_view name) {
  if (name == "Removed") return SplitBehavior::kRemoved;
  if (name == "Isolated") return SplitBehavior::kIsolated;
  if (name == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (name == "Contiguous") return SplitBehavior::kContiguous;
  return std::nullopt;
}

std::vector<SplitSpan> CoverWithMatches(const std::vector<ByteRange>& matches, size_t text_size) {
  std::vector<SplitSpan> spans;
  size_t covered = 0;
  for (const ByteRange& match : matches) {
    if (covered < match.begin) spans.push_back({{covered, match.begin}, false});
    spans.push_back({match, true});
    covered = match.end;
  }
  if (covered < text_size) spans.push_back({{covered, text_size}, false});
  return spans;
}

std::vector<ByteRange> MergeSpans(const std::vector<SplitSpan>& spans, SplitBehavior behavior) {
  std::vector<ByteRange> pieces;
  switch (behavior) {
    case SplitBehavior::kRemoved:
      pieces = Ranges(spans, /*with_matches=*/false);
      break;
    case SplitBehavior::kIsolated:
      pieces = Ranges(spans, /*with_matches=*/true);
      break;
    case SplitBehavior::kMergedWithPrevious:
      pieces = JoinToPrevious(spans);
      break;
    case SplitBehavior::kMergedWithNext:
      pieces = JoinToNext(spans);
      break;
    case SplitBehavior::kContiguous:
      pieces = JoinRuns(spans);
      break;
  }
  std::erase_if(pieces, [](const ByteRange& piece) { return piece.begin == piece.end; });
  return pieces;
}

}  // namespace mrmllm
