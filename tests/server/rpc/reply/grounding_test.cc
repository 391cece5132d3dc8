// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/grounding.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Detection Named(const std::string& label, const std::string& finer = "") {
  return {.label = label, .finer_label = finer};
}

const ClassWords& Words() {
  static const ClassWords& words = *new ClassWords(
      {"person", "dog", "cat", "hot dog", "traffic light", "caf", "zebra", "couch", "car"});
  return words;
}

// The words that are grounded, each with the ids it names.
std::vector<std::string> Places(const std::string& answer, std::vector<Detection> detections) {
  const std::vector<std::vector<Detection>> images = {std::move(detections)};
  std::vector<std::string> places;
  for (const Grounding& place : GroundAnswer(answer, Words(), images)) {
    std::string text = answer.substr(place.start_byte, place.end_byte - place.start_byte);
    for (int id : place.detection_ids) absl::StrAppend(&text, " ", id);
    places.push_back(text);
  }
  return places;
}

TEST(GroundAnswerTest, FindsLabelsInEitherNumberAndCase) {
  EXPECT_THAT(Places("A Dog and two PEOPLE.", {Named("person"), Named("dog"), Named("person")}),
              ElementsAre("Dog 1", "PEOPLE 0 2"));
}

TEST(GroundAnswerTest, NeedsWholeWords) {
  EXPECT_THAT(Places("A category, dogged, hotdog, dog_1, caf\xC3\xA9s",
                     {Named("cat"), Named("dog"), Named("caf")}),
              IsEmpty());
}

TEST(GroundAnswerTest, PunctuationAndPossessivesEndAWord) {
  EXPECT_THAT(Places("(dog), the dog's bowl; dog", {Named("dog")}),
              ElementsAre("dog 0", "dog 0", "dog 0"));
}

TEST(GroundAnswerTest, TheLongestNameWins) {
  EXPECT_THAT(Places("A hot dog by a dog", {Named("dog"), Named("hot dog")}),
              ElementsAre("hot dog 1", "dog 0"));
}

TEST(GroundAnswerTest, FinerNamesPointOnlyAtTheirBearers) {
  EXPECT_THAT(Places("One golden retriever among the dogs",
                     {Named("dog"), Named("dog", "golden retriever")}),
              ElementsAre("golden retriever 1", "dogs 0 1"));
}

TEST(GroundAnswerTest, SpacesInNamesMayBeHyphensOrLineBreaks) {
  EXPECT_THAT(Places("traffic-light, traffic\n light, trafficlight", {Named("traffic light")}),
              ElementsAre("traffic-light 0", "traffic\n light 0"));
}

TEST(GroundAnswerTest, SeveralImagesGiveOneEntryEach) {
  const std::vector<std::vector<Detection>> images = {{Named("cat")}, {Named("dog"), Named("cat")}};
  EXPECT_THAT(GroundAnswer("cats", Words(), images),
              ElementsAre(Grounding{0, 4, 0, {0}}, Grounding{0, 4, 1, {1}}));
}

TEST(GroundAnswerTest, OffsetsAreBytes) {
  const std::vector<std::vector<Detection>> images = {{Named("dog")}};
  EXPECT_THAT(GroundAnswer("\xC3\x9C"
                           "ber dog",
                           Words(), images),
              ElementsAre(Grounding{6, 9, 0, {0}}));
}

TEST(GroundAnswerTest, HypernymsAndSynonymsNameTheirClasses) {
  EXPECT_THAT(Places("Three animals and a sofa", {Named("zebra"), Named("couch"), Named("dog")}),
              ElementsAre("animals 0 2", "sofa 1"));
  EXPECT_THAT(Places("A woman", {Named("dog"), Named("person")}), ElementsAre("woman 1"));
}

TEST(GroundAnswerTest, ANumberTakesAsManyBestFirst) {
  const std::vector<Detection> dogs = {Named("dog"), Named("cat"), Named("dog"), Named("dog")};
  EXPECT_THAT(Places("two dogs", dogs), ElementsAre("dogs 0 2"));
  EXPECT_THAT(Places("1 dog", dogs), ElementsAre("dog 0"));
  EXPECT_THAT(Places("two or three dogs", dogs), ElementsAre("dogs 0 2 3"));
  EXPECT_THAT(Places("several dogs", dogs), ElementsAre("dogs 0 2 3"));
  EXPECT_THAT(Places("a dog", dogs), ElementsAre("dog 0 2 3"));
}

TEST(GroundAnswerTest, ARelationGroundsBothSides) {
  EXPECT_THAT(Places("The dog is left of the cat.", {Named("cat"), Named("dog")}),
              ElementsAre("dog 1", "cat 0"));
}

TEST(GroundAnswerTest, WhatIsDeniedOrOnlyAModifierNamesNothing) {
  EXPECT_THAT(Places("There is no cat. A dog bed.", {Named("cat"), Named("dog")}),
              ElementsAre("dog 1"));
  EXPECT_THAT(Places("The dog couch", {Named("couch"), Named("dog")}), ElementsAre("couch 0"));
}

TEST(GroundAnswerTest, AnAnswerMaySayWhichImage) {
  const std::vector<std::vector<Detection>> images = {{Named("cat")}, {Named("cat")}};
  EXPECT_THAT(GroundAnswer("a cat in image 2", Words(), images),
              ElementsAre(Grounding{2, 5, 1, {0}}));
}

TEST(GroundAnswerTest, NothingDetectedGroundsNothing) {
  EXPECT_THAT(Places("a dog", {}), IsEmpty());
  EXPECT_THAT(Places("", {Named("dog")}), IsEmpty());
}

}  // namespace
}  // namespace mrmllm
