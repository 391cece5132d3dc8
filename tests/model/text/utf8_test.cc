// SPDX-License-Identifier: Apache-2.0
#include "model/text/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

const std::string kReplacement = "\uFFFD";

TEST(Utf8Test, LeavesValidTextAlone) {
  const std::string text = "a\u00e9\u20ac\U0001F600\U0010FFFF\uFFFD";
  EXPECT_EQ(ReplaceInvalidUtf8(text), text);
}

TEST(Utf8Test, ReplacesEachInvalidPartAsPythonDoes) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\x80z"), "a" + kReplacement + "z");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), kReplacement);
  EXPECT_EQ(ReplaceInvalidUtf8("\xF0\x9F\x98("), kReplacement + "(");
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF"), kReplacement + kReplacement);
  EXPECT_EQ(ReplaceInvalidUtf8("\xF5\xFF"), kReplacement + kReplacement);
}

TEST(Utf8Test, RefusesSurrogatesOverlongFormsAndWhatIsAboveUnicode) {
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), kReplacement + kReplacement + kReplacement);
  EXPECT_EQ(ReplaceInvalidUtf8("\xE0\x80\x80"), kReplacement + kReplacement + kReplacement);
  EXPECT_EQ(ReplaceInvalidUtf8("\xF4\x90\x80\x80"),
            kReplacement + kReplacement + kReplacement + kReplacement);
}

TEST(Utf8Test, HandsOutAnIncompleteTailWhenAsked) {
  std::string out;
  std::string tail;
  AppendReplacingInvalidUtf8("a\xE2\x82", out, &tail);
  EXPECT_EQ(out, "a");
  EXPECT_EQ(tail, "\xE2\x82");
}

TEST(Utf8Test, EncodesWhatItDecodes) {
  for (const char32_t code_point :
       {U'\0', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
    std::string text;
    AppendUtf8(code_point, text);
    size_t offset = 0;
    EXPECT_EQ(DecodeUtf8(text, offset), code_point);
    EXPECT_EQ(offset, text.size());
  }
}

}  // namespace
}  // namespace mrmllm
