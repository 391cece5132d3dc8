// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/agreement.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/words/class_words.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const ClassWords& Words() {
  static const ClassWords& words =
      *new ClassWords({"person", "bicycle", "car",   "bus",     "train",        "traffic light",
                       "bird",   "cat",     "dog",   "horse",   "zebra",        "elephant",
                       "orange", "hot dog", "chair", "couch",   "potted plant", "dining table",
                       "bowl",   "cup",     "skis",  "scissors"});
  return words;
}

// Objects of one image, each with the next id: "dog" is sure, "dog?" is not.
class Scene {
 public:
  explicit Scene(const std::vector<std::string>& objects) {
    for (const std::string& object : objects) {
      const bool sure = object.back() != '?';
      detections_.push_back({.box = {0.4f, 0.4f, 0.6f, 0.6f},
                             .label = sure ? object : object.substr(0, object.size() - 1),
                             .sure = sure});
    }
  }

  Scene& At(int index, float x, float y) {
    detections_[index].box = {x - 0.1f, y - 0.1f, x + 0.1f, y + 0.1f};
    return *this;
  }

  Scene& Colored(int index, const std::string& color) {
    detections_[index].color = color;
    return *this;
  }

  SeenObjects Seen() const {
    SeenObjects seen;
    for (const Detection& detection : detections_) {
      seen.push_back({&detection, static_cast<int>(seen.size())});
    }
    return seen;
  }

 private:
  std::vector<Detection> detections_;
};

// The conflicts in short: "count 'three dogs' dog 3/2 [0,1]".
std::vector<std::string> Short(const std::string& answer, const Agreement& agreement) {
  std::vector<std::string> lines;
  for (const Conflict& conflict : agreement.conflicts) {
    lines.push_back(
        absl::StrCat(std::string(ConflictName(conflict.kind)), " '",
                     answer.substr(conflict.start_byte, conflict.end_byte - conflict.start_byte),
                     "' ", conflict.label, " ", conflict.claimed_count, "/", conflict.found_count,
                     " [", absl::StrJoin(conflict.detection_ids, ","), "]"));
  }
  return lines;
}

std::vector<std::string> Conflicts(const std::string& answer, const Scene& scene) {
  const std::vector<SeenObjects> images = {scene.Seen()};
  return Short(answer, CheckAgreement(answer, Words(), images));
}

int ClaimCount(const std::string& answer, const Scene& scene) {
  const std::vector<SeenObjects> images = {scene.Seen()};
  return CheckAgreement(answer, Words(), images).claim_count;
}

const Scene& TwoDogs() {
  static const Scene& scene = *new Scene({"dog", "dog", "cat?", "chair"});
  return scene;
}

TEST(AgreementTest, BorneOutClaimsAreNoConflict) {
  for (const std::string answer : {"There are two dogs.",
                                   "There are 2 dogs in the image.",
                                   "Yes, there are 2 dogs.",
                                   "A dog and a chair.",
                                   "There is a dog.",
                                   "I see at least two dogs.",
                                   "There are two or three dogs.",
                                   "There are several dogs.",
                                   "There are 2-3 dogs here.",
                                   "There are about 3 dogs.",
                                   "There are 3 animals.",
                                   "There are 2 animals: 2 dogs.",
                                   "No, there are two dogs.",
                                   "There are no horses.",
                                   "There isn't a bus in the picture.",
                                   "The image shows 2 dogs and 1 chair.",
                                   "There may be a cat in the image.",
                                   "The image does not show a horse.",
                                   "There is one dog on the couch-like chair.",
                                   "There are no more than 2 dogs.",
                                   "Both dogs are near the chair.",
                                   "There are two puppies.",
                                   "There is a puppy.",
                                   "One of the dogs is near the chair."}) {
    EXPECT_THAT(Conflicts(answer, TwoDogs()), IsEmpty()) << answer;
    EXPECT_GE(ClaimCount(answer, TwoDogs()), answer.find("may be") == std::string::npos ? 1 : 0)
        << answer;
  }
}

TEST(AgreementTest, AnotherNumberThanThereAreBoxes) {
  const auto with = [](const std::string& answer) { return Conflicts(answer, TwoDogs()); };
  EXPECT_THAT(with("There are three dogs."), ElementsAre("count 'three dogs' dog 3/2 [0,1]"));
  EXPECT_THAT(with("There is 1 dog in the image."), ElementsAre("count '1 dog' dog 1/2 [0,1]"));
  EXPECT_THAT(with("Five large brown dogs."),
              ElementsAre("count 'Five large brown dogs' dog 5/2 [0,1]"));
  EXPECT_THAT(with("There are at least 3 dogs."),
              ElementsAre("count 'at least 3 dogs' dog 3/2 [0,1]"));
  EXPECT_THAT(with("There are more than two dogs."),
              ElementsAre("count 'more than two dogs' dog 3/2 [0,1]"));
  EXPECT_THAT(with("There are four or five dogs."),
              ElementsAre("count 'four or five dogs' dog 4/2 [0,1]"));
  EXPECT_THAT(with("There are many dogs."), ElementsAre("count 'many dogs' dog 3/2 [0,1]"));
  EXPECT_THAT(with("There are 4 animals in the image."),
              ElementsAre("count '4 animals' animal 4/2 [0,1,2]"));
  EXPECT_THAT(with("The number of dogs is 3."),
              ElementsAre("count 'number of dogs is 3' dog 3/2 [0,1]"));
  EXPECT_THAT(with("Dogs: 3"), ElementsAre("count 'Dogs: 3' dog 3/2 [0,1]"));
  EXPECT_THAT(with("There are three puppies."), ElementsAre("count 'three puppies' dog 3/2 [0,1]"));
}

TEST(AgreementTest, UnsureBoxesLeaveRoomForANumber) {
  const Scene scene({"dog", "dog?", "dog?"});
  for (const std::string answer : {"There is 1 dog.", "There are two dogs.", "There are 3 dogs."}) {
    EXPECT_THAT(Conflicts(answer, scene), IsEmpty()) << answer;
  }
  EXPECT_THAT(Conflicts("There are 4 dogs.", scene), ElementsAre("count '4 dogs' dog 4/1 [0,1,2]"));
}

TEST(AgreementTest, WhatNarrowsANumberLeavesOpenThatThereAreMore) {
  for (const std::string answer : {"There is one dog on the left.", "One dog is sitting.",
                                   "There is one brown dog.", "The first dog is near the chair.",
                                   "There is another dog.", "One of the dogs has a bowl."}) {
    std::vector<std::string> conflicts = Conflicts(answer, TwoDogs());
    std::erase_if(conflicts, [](const std::string& line) { return !line.starts_with("count"); });
    EXPECT_THAT(conflicts, IsEmpty()) << answer;
  }
}

TEST(AgreementTest, AnObjectThatNoBoxShows) {
  EXPECT_THAT(Conflicts("There is a horse in the image.", TwoDogs()),
              ElementsAre("absent 'a horse' horse 1/0 []"));
  EXPECT_THAT(Conflicts("Yes, there are two people and a dog.", TwoDogs()),
              ElementsAre("absent 'two people' person 2/0 []"));
  EXPECT_THAT(Conflicts("The zebra is on the left.", TwoDogs()),
              ElementsAre("absent 'The zebra' zebra 1/0 []"));
  EXPECT_THAT(Conflicts("There are vehicles.", TwoDogs()),
              ElementsAre("absent 'vehicles' vehicle 1/0 []"));
}

TEST(AgreementTest, ADenialInTheFaceOfSureBoxes) {
  for (const std::string phrase :
       {"There is no dog.", "No dogs are visible.", "There isn't a dog in the image.",
        "There are not any dogs.", "The image does not contain any dogs.", "I cannot see a dog.",
        "There are no horses, dogs or birds.", "There is no horse or dog.", "There are zero dogs.",
        "The dog is not visible in the image.", "Dogs are not in this picture.",
        "The dogs cannot be seen.", "There\xE2\x80\x99s no dog here."}) {
    const std::vector<std::string> conflicts = Conflicts(phrase, TwoDogs());
    ASSERT_EQ(conflicts.size(), 1u) << phrase;
    EXPECT_THAT(conflicts[0], testing::StartsWith("present '")) << phrase;
    EXPECT_THAT(conflicts[0], testing::EndsWith("dog 0/2 [0,1]")) << phrase;
  }
}

TEST(AgreementTest, DenialsThatDoNotContradict) {
  for (const std::string answer :
       {"There is no cat.",  // an unsure box may be wrong
        "There are no other dogs.", "There is no dog on the couch.", "There is no red dog.",
        "The dog is not on the chair.", "There are two dogs, but no cat.",
        "The horse is not visible.", "Horses cannot be seen in the image.",
        "There are no women in the image."}) {
    EXPECT_THAT(Conflicts(answer, TwoDogs()), IsEmpty()) << answer;
  }
  EXPECT_THAT(Conflicts("There are no women.", Scene({"person"})), IsEmpty());
}

TEST(AgreementTest, WhatIsNotClaimedCannotContradict) {
  for (const std::string answer :
       {"There may be a horse in the image.", "It might be a bus, a car or a train.",
        "I am not sure whether there is a horse.", "Is there a horse?", "Perhaps a horse.",
        "Horses are loyal animals.", "A horse can run fast.", "It is hard to say if it is a zebra.",
        "It cannot be told whether the horse is old.", "A bus stop is near.", "The dog bowl.",
        "You could use a car for that.", "What the horses are doing cannot be told.", "", "Paris.",
        "?!", "No."}) {
    std::vector<std::string> conflicts = Conflicts(answer, Scene({"dog", "bowl"}));
    EXPECT_THAT(conflicts, IsEmpty()) << answer;
  }
  EXPECT_EQ(ClaimCount("Horses are loyal animals.", TwoDogs()), 0);
}

TEST(AgreementTest, AHedgeEndsWithItsClause) {
  EXPECT_THAT(Conflicts("There are two dogs and there may be a horse.", TwoDogs()), IsEmpty());
  EXPECT_THAT(Conflicts("There may be a cat, but there are three dogs.", TwoDogs()),
              ElementsAre("count 'three dogs' dog 3/2 [0,1]"));
}

TEST(AgreementTest, AnObjectWhereItsBoxesAreNot) {
  Scene scene({"dog", "cat"});
  scene.At(0, 0.2f, 0.5f).At(1, 0.8f, 0.2f);
  const auto with = [&](const std::string& answer) { return Conflicts(answer, scene); };
  EXPECT_THAT(with("The dog is on the left of the image."), IsEmpty());
  EXPECT_THAT(with("The dog is on the right."),
              ElementsAre("place 'The dog is on the right' dog 1/1 [0]"));
  EXPECT_THAT(with("On the right, there is a dog."),
              ElementsAre("place 'On the right, there is a dog' dog 1/1 [0]"));
  EXPECT_THAT(with("There is a dog on the left and a cat in the top right corner."), IsEmpty());
  EXPECT_THAT(with("There is a cat at the bottom of the picture."),
              ElementsAre("place 'a cat at the bottom' cat 1/1 [1]"));
  EXPECT_THAT(with("The cat is in the middle."),
              ElementsAre("place 'The cat is in the middle' cat 1/1 [1]"));
  EXPECT_THAT(with("The dog is not on the right."), IsEmpty());
  EXPECT_THAT(with("The cat is on the left side of the couch."),
              ElementsAre("absent 'the couch' couch 1/0 []"));
  EXPECT_THAT(with("The dog holds a thing in the right paw."), IsEmpty());
}

TEST(AgreementTest, ARelationThatNoPairBearsOut) {
  Scene scene({"dog", "cat"});
  scene.At(0, 0.2f, 0.5f).At(1, 0.8f, 0.2f);
  const auto with = [&](const std::string& answer) { return Conflicts(answer, scene); };
  EXPECT_THAT(with("The dog is to the left of the cat."), IsEmpty());
  EXPECT_THAT(with("The cat is above the dog."), IsEmpty());
  EXPECT_THAT(with("The dog is to the right of the cat."),
              ElementsAre("place 'The dog is to the right of the cat' dog 1/1 [0]"));
  EXPECT_THAT(with("The cat is below the dog."),
              ElementsAre("place 'The cat is below the dog' cat 1/1 [1]"));
}

TEST(AgreementTest, AnotherColorThanTheBoxesHave) {
  Scene scene({"car", "bus", "chair"});
  scene.Colored(0, "red").Colored(1, "grey");
  const auto with = [&](const std::string& answer) { return Conflicts(answer, scene); };
  EXPECT_THAT(with("There is a red car and a gray bus."), IsEmpty());
  EXPECT_THAT(with("The car is red."), IsEmpty());
  EXPECT_THAT(with("There is a blue car."), ElementsAre("color 'a blue car' car 1/1 [0]"));
  EXPECT_THAT(with("The bus is orange."), ElementsAre("color 'The bus is orange' bus 1/1 [1]"));
  EXPECT_THAT(with("There is an orange car."), ElementsAre("color 'an orange car' car 1/1 [0]"));
  EXPECT_THAT(with("There is a green chair."), IsEmpty());
  EXPECT_THAT(with("There is a blue and white car."), IsEmpty());
  EXPECT_THAT(with("None of the cars are blue."), IsEmpty());
  EXPECT_THAT(with("The car is not blue."), IsEmpty());
}

TEST(AgreementTest, EachImageIsHeldAgainstItsOwnClaims) {
  const Scene first({"dog"});
  const Scene second({"dog", "dog", "cat"});
  const std::vector<SeenObjects> images = {first.Seen(), second.Seen()};
  const auto with = [&](const std::string& answer) {
    const Agreement agreement = CheckAgreement(answer, Words(), images);
    std::vector<std::string> lines = Short(answer, agreement);
    for (size_t i = 0; i < lines.size(); ++i) {
      lines[i] += absl::StrCat(" of ", agreement.conflicts[i].image_index);
    }
    return lines;
  };
  EXPECT_THAT(with("There is 1 dog in image 1 and there are 2 dogs in image 2."), IsEmpty());
  EXPECT_THAT(with("There are 2 dogs in image 1."), ElementsAre("count '2 dogs' dog 2/1 [0] of 0"));
  EXPECT_THAT(with("The first image shows a cat."), ElementsAre("absent 'a cat' cat 1/0 [] of 0"));
  EXPECT_THAT(with("In the second image there is no cat."),
              ElementsAre("present 'no cat' cat 0/1 [2] of 1"));
  EXPECT_THAT(with("There are 3 dogs."), IsEmpty());
  EXPECT_THAT(with("There are 2 dogs."), IsEmpty());
  EXPECT_THAT(with("There are 5 dogs."), ElementsAre("count '5 dogs' dog 5/2 [0,1] of 1"));
}

TEST(AgreementTest, TheScoreIsTheShareOfClaimsBorneOut) {
  const std::vector<SeenObjects> images = {TwoDogs().Seen()};
  const Agreement agreement =
      CheckAgreement("There are 2 dogs, 1 chair, a horse and a bus.", Words(), images);
  EXPECT_EQ(agreement.claim_count, 4);
  EXPECT_FLOAT_EQ(agreement.score, 0.5f);
  EXPECT_FLOAT_EQ(CheckAgreement("Paris.", Words(), images).score, 1);
  EXPECT_EQ(CheckAgreement("There are 5 dogs.", Words(), {}).claim_count, 0);
}

TEST(AgreementTest, BoxesThatTheReplyLeavesOutCountButHaveNoId) {
  const Detection dog{.label = "dog", .sure = true};
  const std::vector<SeenObjects> images = {{{&dog, -1}}};
  EXPECT_THAT(CheckAgreement("There is a dog.", Words(), images).conflicts, IsEmpty());
  const Agreement agreement = CheckAgreement("There are 2 dogs.", Words(), images);
  ASSERT_EQ(agreement.conflicts.size(), 1u);
  EXPECT_THAT(agreement.conflicts[0].detection_ids, IsEmpty());
  EXPECT_EQ(agreement.conflicts[0].found_count, 1);
}

TEST(AgreementTest, AnyBytesGiveSpansInsideTheAnswer) {
  const std::vector<std::string> pieces = {
      "dog",     "dogs", "two",      "no",           "3",    "999999", "-",     ",",
      ".",       "?",    "\n",       "of",           "the",  "left",   "on",    "image",
      "image 2", "or",   "\xC3\x9C", "\xE2\x80\x94", "\xF0", "\x80",   "there", "is",
      "not",     "red",  "orange",   "number of",    ":",    "and",    "to"};
  std::mt19937 random(7);
  const std::vector<SeenObjects> images = {TwoDogs().Seen(), TwoDogs().Seen()};
  for (int round = 0; round < 3000; ++round) {
    std::string answer;
    for (uint32_t length = random() % 25; length > 0; --length) {
      answer += pieces[random() % pieces.size()];
      if (random() % 4 != 0) answer += ' ';
    }
    const Agreement agreement = CheckAgreement(answer, Words(), images);
    EXPECT_GE(agreement.score, 0);
    EXPECT_LE(agreement.score, 1);
    EXPECT_LE(agreement.conflicts.size(), static_cast<size_t>(agreement.claim_count));
    for (const Conflict& conflict : agreement.conflicts) {
      EXPECT_LE(0, conflict.start_byte);
      EXPECT_LT(conflict.start_byte, conflict.end_byte) << answer;
      EXPECT_LE(conflict.end_byte, static_cast<int>(answer.size()));
    }
  }
}

}  // namespace
}  // namespace mrmllm
