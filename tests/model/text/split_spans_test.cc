// SPDX-License-Identifier: Apache-2.0
#include "model/text/split_spans.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

// "the-final--countdown" split at "-": the example of the Hugging Face documentation.
std::vector<std::string> SplitAtDash(SplitBehavior behavior) {
  const std::string text = "the-final--countdown";
  const std::vector<ByteRange> dashes = {{3, 4}, {9, 10}, {10, 11}};
  std::vector<std::string> pieces;
  for (const ByteRange& piece : MergeSpans(CoverWithMatches(dashes, text.size()), behavior)) {
    pieces.push_back(text.substr(piece.begin, piece.end - piece.begin));
  }
  return pieces;
}

TEST(SplitSpansTest, RemovedDropsTheMatches) {
  EXPECT_THAT(SplitAtDash(SplitBehavior::kRemoved), ElementsAre("the", "final", "countdown"));
}

TEST(SplitSpansTest, IsolatedKeepsEachMatch) {
  EXPECT_THAT(SplitAtDash(SplitBehavior::kIsolated),
              ElementsAre("the", "-", "final", "-", "-", "countdown"));
}

TEST(SplitSpansTest, MergedWithPreviousAppendsAMatch) {
  EXPECT_THAT(SplitAtDash(SplitBehavior::kMergedWithPrevious),
              ElementsAre("the-", "final-", "-", "countdown"));
}

TEST(SplitSpansTest, MergedWithNextPrependsAMatch) {
  EXPECT_THAT(SplitAtDash(SplitBehavior::kMergedWithNext),
              ElementsAre("the", "-final", "-", "-countdown"));
}

TEST(SplitSpansTest, ContiguousJoinsMatchesThatTouch) {
  EXPECT_THAT(SplitAtDash(SplitBehavior::kContiguous),
              ElementsAre("the", "-", "final", "--", "countdown"));
}

TEST(SplitSpansTest, ReadsTheNamesOfATokenizerJson) {
  EXPECT_EQ(ParseSplitBehavior("MergedWithNext"), SplitBehavior::kMergedWithNext);
  EXPECT_EQ(ParseSplitBehavior("isolated"), std::nullopt);
}

}  // namespace
}  // namespace mrmllm
