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

// The words that are grounded, each with the ids it names.
std::vector<std::string> Places(const std::string& answer, std::vector<Detection> detections) {
  const std::vector<std::vector<Detection>> images = {std::move(detections)};
  std::vector<std::string> places;
  for (const Grounding& place : GroundAnswer(answer, images)) {
    std::string text = answer.substr(place.start_byte, place.end_byte - place.start_byte);
    for (int id : place.detection_ids) absl::StrAppend(&text, " ", id);
    places.push_back(text);
  }
  return places;
}

TEST(PluralOfTest, FollowsEnglish) {
  const std::pair<std::string, std::string> table[] = {
      {"dog", "dogs"},
      {"bus", "buses"},
      {"bench", "benches"},
      {"box", "boxes"},
      {"toothbrush", "toothbrushes"},
      {"puppy", "puppies"},
      {"key", "keys"},
      {"person", "people"},
      {"mouse", "mice"},
      {"knife", "knives"},
      {"sheep", "sheep"},
      {"wine glass", "wine glasses"},
      {"stop sign", "stop signs"},
      {"giraffe", "giraffes"},
      {"y", "ys"},
  };
  for (const auto& [one, many] : table) EXPECT_EQ(PluralOf(one), many);
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
  EXPECT_THAT(GroundAnswer("cats", images),
              ElementsAre(Grounding{0, 4, 0, {0}}, Grounding{0, 4, 1, {1}}));
}

TEST(GroundAnswerTest, OffsetsAreBytes) {
  const std::vector<std::vector<Detection>> images = {{Named("dog")}};
  EXPECT_THAT(GroundAnswer("\xC3\x9C"
                           "ber dog",
                           images),
              ElementsAre(Grounding{6, 9, 0, {0}}));
}

TEST(GroundAnswerTest, NothingDetectedGroundsNothing) {
  EXPECT_THAT(Places("a dog", {}), IsEmpty());
  EXPECT_THAT(Places("", {Named("dog")}), IsEmpty());
}

}  // namespace
}  // namespace mrmllm
