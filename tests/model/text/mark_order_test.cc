// SPDX-License-Identifier: Apache-2.0
#include "model/text/mark_order.h"

#include <unicode/bytestream.h>

#include <random>

#include "gtest/gtest.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

std::string Normalized(const icu::Normalizer2& form, const std::string& text) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode error = U_ZERO_ERROR;
  form.normalizeUTF8(0, text, sink, nullptr, error);
  EXPECT_TRUE(U_SUCCESS(error));
  return out;
}

TEST(MarkOrderTest, LeavesShortRunsAlone) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2& nfc = *icu::Normalizer2::getNFCInstance(error);
  EXPECT_EQ(OrderLongRunsOfMarks("a\u0301\u0316b \u00e9\u4e00\u0f73", nfc),
            "a\u0301\u0316b \u00e9\u4e00\u0f73");
}

// Marks of every kind: that compose, that decompose to two, that only a compatibility form knows.
TEST(MarkOrderTest, ChangesNothingThatAnyFormMakesOfTheText) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* forms[] = {
      icu::Normalizer2::getNFCInstance(error), icu::Normalizer2::getNFDInstance(error),
      icu::Normalizer2::getNFKCInstance(error), icu::Normalizer2::getNFKDInstance(error)};
  ASSERT_TRUE(U_SUCCESS(error));
  constexpr char32_t kCharacters[] = {U'a',      U'\u00e9', U'\u1ea1', U'\u0301', U'\u0316',
                                      U'\u0344', U'\u0f73', U'\u0f75', U'\u0345', U'\uff9e',
                                      U'\u3099', U'\u0323', U'\u0302', U'\u094d', U'\uac00'};
  std::mt19937 random(7);
  int changed = 0;
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
      // A starter now and then, so that runs of every length come.
      const bool any = random() % 60 == 0;
      AppendUtf8(kCharacters[any ? random() % 15 : 3 + random() % 11], text);
    }
    for (const icu::Normalizer2* form : forms) {
      const std::string ordered = OrderLongRunsOfMarks(text, *form);
      changed += ordered != text;
      ASSERT_EQ(Normalized(*form, ordered), Normalized(*form, text));
    }
  }
  EXPECT_GT(changed, 1000);
}

}  // namespace
}  // namespace mrmllm
