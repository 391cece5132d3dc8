// SPDX-License-Identifier: Apache-2.0
#include "base/words/class_nouns.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ClassNounsTest, FormsRegularPlurals) {
  EXPECT_EQ(PluralOf("dog"), "dogs");
  EXPECT_EQ(PluralOf("bus"), "buses");
  EXPECT_EQ(PluralOf("couch"), "couches");
  EXPECT_EQ(PluralOf("toothbrush"), "toothbrushes");
  EXPECT_EQ(PluralOf("puppy"), "puppies");
  EXPECT_EQ(PluralOf("toy"), "toys");
}

TEST(ClassNounsTest, KnowsIrregularPlurals) {
  EXPECT_EQ(PluralOf("person"), "people");
  EXPECT_EQ(PluralOf("knife"), "knives");
  EXPECT_EQ(PluralOf("sheep"), "sheep");
  EXPECT_EQ(PluralOf("scissors"), "scissors");
}

TEST(ClassNounsTest, ChangesTheLastWordOfAPhrase) {
  EXPECT_EQ(PluralOf("wine glass"), "wine glasses");
  EXPECT_EQ(PluralOf("computer mouse"), "computer mice");
}

TEST(ClassNounsTest, CountsAndJoins) {
  EXPECT_EQ(CountedNoun(1, "dog"), "1 dog");
  EXPECT_EQ(CountedNoun(0, "dog"), "0 dogs");
  EXPECT_EQ(JoinedList({}), "");
  EXPECT_EQ(JoinedList({"a"}), "a");
  EXPECT_EQ(JoinedList({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace mrmllm
