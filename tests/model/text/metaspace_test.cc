// SPDX-License-Identifier: Apache-2.0
#include "model/text/metaspace.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

std::vector<std::string> Words(bool prepend, bool split, std::string_view text) {
  std::vector<std::string> words;
  MakeMetaspacePreTokenizer("\u2581", prepend, split)->Split(text, [&](std::string_view word) {
    words.emplace_back(word);
  });
  return words;
}

TEST(MetaspaceTest, SpellsSpacesAndBeginsWithOne) {
  EXPECT_THAT(Words(true, false, "a b"), ElementsAre("\u2581a\u2581b"));
  EXPECT_THAT(Words(true, false, " a"), ElementsAre("\u2581a"));
  EXPECT_THAT(Words(true, false, "\u2581a"), ElementsAre("\u2581a"));
  EXPECT_THAT(Words(false, false, "a b\n"), ElementsAre("a\u2581b\n"));
}

TEST(MetaspaceTest, SplitsBeforeEverySpace) {
  EXPECT_THAT(Words(true, true, "a  b"), ElementsAre("\u2581a", "\u2581", "\u2581b"));
  EXPECT_THAT(Words(false, true, "a b "), ElementsAre("a", "\u2581b", "\u2581"));
}

TEST(MetaspaceTest, KeepsOtherWhiteSpace) {
  EXPECT_THAT(Words(false, true, "a\tb\u00a0c"), ElementsAre("a\tb\u00a0c"));
}

}  // namespace
}  // namespace mrmllm
