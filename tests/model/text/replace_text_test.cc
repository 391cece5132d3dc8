// SPDX-License-Identifier: Apache-2.0
#include "model/text/replace_text.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ReplaceTextTest, ReplacesEveryOccurrenceFromLeftToRight) {
  EXPECT_EQ(ReplaceText("a  b ", " ", "__"), "a____b__");
  EXPECT_EQ(ReplaceText("aaa", "aa", "b"), "ba");
  EXPECT_EQ(ReplaceText("none", "x", "y"), "none");
  EXPECT_EQ(ReplaceText("", "x", "y"), "");
}

TEST(ReplaceTextTest, DoesNotSearchWhatItPutIn) {
  EXPECT_EQ(ReplaceText("xx", "x", "xx"), "xxxx");
  EXPECT_EQ(ReplaceText("xax", "x", ""), "a");
}

}  // namespace
}  // namespace mrmllm
