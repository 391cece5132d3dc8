// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/object_mentions.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/reply/reading/noun_phrase.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using Form = ObjectMention::Form;

const ClassWords& Words() {
  static const ClassWords& words =
      *new ClassWords({"person", "dog", "cat", "car", "orange", "bowl", "bus"});
  return words;
}

std::vector<ObjectMention> Mentions(const std::string& text, int image_count = 1) {
  return FindObjectMentions(WordsOfAnswer(text), Words(), image_count);
}

// The phrase of each, as it stands, after "no " and "the " for its form.
std::vector<std::string> Phrases(const std::string& text) {
  const std::vector<AnswerWord> words = WordsOfAnswer(text);
  std::vector<std::string> phrases;
  for (const ObjectMention& mention : FindObjectMentions(words, Words(), 1)) {
    const char* form = mention.form == Form::kDenied     ? "-"
                       : mention.form == Form::kDefinite ? "!"
                                                         : "";
    const int start = words[mention.phrase_begin].start_byte;
    phrases.push_back(absl::StrCat(form,
                                   text.substr(start, words[mention.end - 1].end_byte - start),
                                   mention.hedged ? "?" : ""));
  }
  return phrases;
}

TEST(FindObjectMentionsTest, TakesThePhraseBeforeTheNoun) {
  EXPECT_THAT(Phrases("There are two large brown dogs and a cat on the car"),
              ElementsAre("two large brown dogs", "a cat", "!the car"));
  EXPECT_THAT(Phrases("one of the dogs, its bowl, dogs"),
              ElementsAre("!one of the dogs", "!its bowl", "dogs"));
}

TEST(FindObjectMentionsTest, KnowsDenials) {
  EXPECT_THAT(Phrases("There is no cat, dog or bus but a car."),
              ElementsAre("-no cat", "-dog", "-bus", "a car"));
  EXPECT_THAT(Phrases("It does not show any cats."), ElementsAre("-any cats"));
  EXPECT_THAT(Phrases("a dog without a bowl"), ElementsAre("a dog", "-a bowl"));
  EXPECT_THAT(Phrases("neither a dog nor a cat"), ElementsAre("-a dog", "-a cat"));
}

TEST(FindObjectMentionsTest, KnowsHedgesAndTheirReach) {
  EXPECT_THAT(Phrases("There may be a cat, a dog and a bus, but there is a car."),
              ElementsAre("a cat?", "a dog?", "a bus?", "a car"));
  EXPECT_THAT(Phrases("I am not sure. A cat."), ElementsAre("A cat"));
}

TEST(FindObjectMentionsTest, ANounBeforeANounIsNoObject) {
  EXPECT_THAT(Phrases("the dog bowl at the bus stop"), ElementsAre("!the dog bowl"));
}

TEST(FindObjectMentionsTest, TellsTheColorFromTheFruit) {
  const std::vector<ObjectMention> mentions = Mentions("an orange car, two oranges");
  ASSERT_EQ(mentions.size(), 2u);
  EXPECT_EQ(mentions[0].meaning.noun, "car");
  EXPECT_EQ(mentions[0].color, "orange");
  EXPECT_EQ(mentions[1].meaning.noun, "orange");
  EXPECT_EQ(Mentions("a black and white cat")[0].color, "");
  EXPECT_EQ(Mentions("gray dogs")[0].color, "grey");
}

TEST(FindObjectMentionsTest, KnowsNarrowerWords) {
  EXPECT_TRUE(Mentions("a woman")[0].narrower);
  EXPECT_FALSE(Mentions("two people")[0].narrower);
}

TEST(FindObjectMentionsTest, FindsTheImageOfEach) {
  const auto images = [](const std::string& text) {
    std::vector<int> images;
    for (const ObjectMention& mention : Mentions(text, 3)) {
      images.push_back(mention.image.value_or(-1));
    }
    return images;
  };
  EXPECT_THAT(images("A dog in image 1 and a cat in image 2."), ElementsAre(0, 1));
  EXPECT_THAT(images("The second picture shows a dog and a cat. A bus."), ElementsAre(1, 1, -1));
  EXPECT_THAT(images("A dog and a cat are in photo 3."), ElementsAre(2, 2));
  EXPECT_THAT(images("A dog in image 7."), ElementsAre(-1));
}

TEST(BasicColorTermTest, KnowsTheElevenAndGray) {
  EXPECT_EQ(BasicColorTerm("gray"), "grey");
  EXPECT_EQ(BasicColorTerm("pink"), "pink");
  EXPECT_EQ(BasicColorTerm("beige"), "");
}

}  // namespace
}  // namespace mrmllm
