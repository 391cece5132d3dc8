// SPDX-License-Identifier: Apache-2.0
#include "base/words/class_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Nouns(std::string_view question) {
  static const ClassWords& words =
      *new ClassWords({"person", "dog", "cat", "hot dog", "couch", "cell phone", "tv", "zebra",
                       "dining table", "baseball bat", "mouse", "teddy bear", "bear"});
  std::vector<std::string> nouns;
  for (const ClassMeaning& meaning : words.FindIn(question)) nouns.push_back(meaning.noun);
  return nouns;
}

TEST(ClassWordsTest, FindsNamesAndPlurals) {
  EXPECT_THAT(Nouns("Is there a dog?"), ElementsAre("dog"));
  EXPECT_THAT(Nouns("How many DOGS and mice, please?"), ElementsAre("dog", "mouse"));
  EXPECT_THAT(Nouns("any cell\nphones"), ElementsAre("cell phone"));
}

TEST(ClassWordsTest, TheLongestPhraseCounts) {
  EXPECT_THAT(Nouns("a hot dog"), ElementsAre("hot dog"));
  EXPECT_THAT(Nouns("the teddy bears"), ElementsAre("teddy bear"));
}

TEST(ClassWordsTest, SpeaksOfEqualWordsAsTheQuestionDoes) {
  EXPECT_THAT(Nouns("a sofa or a television"), ElementsAre("sofa", "television"));
}

TEST(ClassWordsTest, SpeaksOfTheClassForNarrowerWords) {
  EXPECT_THAT(Nouns("Is a woman with children there?"), ElementsAre("person"));
  EXPECT_THAT(Nouns("a puppy"), ElementsAre("dog"));
}

TEST(ClassWordsTest, HypernymsStandForTheClassesThatTheDetectorKnows) {
  const ClassWords words({"zebra", "chair", "dog"});
  const std::vector<ClassMeaning> found = words.FindIn("Are there any animals?");
  EXPECT_THAT(found, ElementsAre(ClassMeaning{"animal", {"dog", "zebra"}, true}));
  EXPECT_THAT(words.FindIn("Is there food?"), IsEmpty());
}

TEST(ClassWordsTest, NamesEachNounOnceAndNothingUnknown) {
  EXPECT_THAT(Nouns("a dog, dogs, a unicorn, a category"), ElementsAre("dog"));
  EXPECT_THAT(Nouns(""), IsEmpty());
  EXPECT_THAT(Nouns("\xFF\xFE?!"), IsEmpty());
}

TEST(ClassWordsTest, TellsEveryPhraseOnceThatItFinds) {
  const ClassWords words({"dog", "cat"});
  std::vector<std::string> phrases;
  for (const KnownPhrase& known : words.phrases()) {
    EXPECT_THAT(words.FindIn(known.phrase), ElementsAre(known.meaning));
    phrases.push_back(known.phrase);
  }
  EXPECT_THAT(phrases, ElementsAre("dog", "cat", "kitten", "kitty", "puppy", "doggy", "doggie",
                                   "animal", "creature", "pet"));
}

TEST(ClassWordsTest, TellsMentionsWithTheirPlaces) {
  const ClassWords words({"dog", "hot dog"});
  const std::vector<ClassMention> mentions = words.MentionsIn({"a", "dog", "hot", "dogs", "dog"});
  ASSERT_EQ(mentions.size(), 3u);
  EXPECT_EQ(mentions[1].meaning.noun, "hot dog");
  EXPECT_EQ(mentions[1].begin, 2u);
  EXPECT_EQ(mentions[1].end, 4u);
}

}  // namespace
}  // namespace mrmllm
