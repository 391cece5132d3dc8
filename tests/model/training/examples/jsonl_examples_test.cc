// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/jsonl_examples.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/model/training/examples/training_bundle.h"
#include "tests/model/training/examples/written_file.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using Split = JsonlExamples::Split;

class JsonlExamplesTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<JsonlExamples>> Load(const std::string& text,
                                                      const JsonlExamples::Options& options = {}) {
    return JsonlExamples::Load(WrittenFile("examples.jsonl", text), config_, prompt_, options);
  }

  std::string Perception(const std::vector<Detection>& detections, const std::string& question) {
    const absl::Span<const Detection> seen = detections;
    return prompt_.Compose({absl::MakeConstSpan(&seen, 1), question});
  }

  const ModelConfig config_ = TrainingBundleConfig();
  const PerceptionPrompt prompt_{config_.prompt, config_.detector.labels,
                                 MakeTokenizer(SmallTokenizerJson())};
};

constexpr const char* kDog =
    R"({"turns": [{"role": "user", "text": "Is there a dog?"}], "answer": "Yes.", )"
    R"("detections": [{"label": "cat", "score": 0.1, "box": [0, 0, 1, 1]},)"
    R"({"label": "dog", "score": 0.9, "box": [0.1, 0.2, 0.5, 0.9]}]})";

TEST_F(JsonlExamplesTest, ALineWithoutDetectionsStaysAsItIs) {
  const auto examples = Load(
      "{\"turns\": [{\"role\": \"user\", \"text\": \"Hi\"}, {\"role\": \"assistant\", \"text\": "
      "\"Hello\"}, {\"role\": \"user\", \"text\": \"Who?\"}], \"answer\": \"Me.\"}\n\n");
  ASSERT_THAT(examples.status(), IsOk());
  const TrainingExample expected{
      {{Turn::Role::kUser, "Hi"}, {Turn::Role::kAssistant, "Hello"}, {Turn::Role::kUser, "Who?"}},
      "Me."};
  EXPECT_EQ((*examples)->Next(), expected);
}

TEST_F(JsonlExamplesTest, DetectionsAreToldAsWhenServing) {
  const auto examples = Load(kDog);
  ASSERT_THAT(examples.status(), IsOk());
  const TrainingExample example = (*examples)->Next();
  ASSERT_EQ(example.turns.size(), 2u);
  EXPECT_EQ(example.turns[0], (Turn{Turn::Role::kSystem, "Answer."}));
  const std::string expected =
      Perception({{.box = {0.1f, 0.2f, 0.5f, 0.9f}, .label = "dog", .score = 0.9f, .sure = true}},
                 "Is there a dog?");
  EXPECT_THAT(expected, HasSubstr("dog"));
  EXPECT_EQ(example.turns[1].text, expected + "Is there a dog?")
      << "a cat this unlikely is not told";
}

TEST_F(JsonlExamplesTest, ALineMayBringItsOwnSystemTurn) {
  const auto examples = Load(
      R"({"turns": [{"role": "system", "text": "Rhyme."}, {"role": "user", "text": "A dog?"}],)"
      R"("answer": "No.", "detections": []})");
  ASSERT_THAT(examples.status(), IsOk());
  const TrainingExample example = (*examples)->Next();
  ASSERT_EQ(example.turns.size(), 2u);
  EXPECT_EQ(example.turns[0].text, "Rhyme.");
}

TEST_F(JsonlExamplesTest, AnImageOfTheAnnotationsIsToldByItsBoxes) {
  const Detection chair{.box = {0, 0, 0.2f, 0.2f}, .label = "chair", .score = 1, .sure = true};
  const auto examples =
      Load(R"({"turns": [{"role": "user", "text": "A chair?"}], "answer": "1", "image_id": 5})",
           {.boxes = {{5, {chair}}}});
  ASSERT_THAT(examples.status(), IsOk());
  EXPECT_EQ((*examples)->Next().turns.back().text, Perception({chair}, "A chair?") + "A chair?");
}

std::string Numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, R"({"turns": [{"role": "user", "text": "q"}], "answer": ")", i, "\"}\n");
  }
  return text;
}

TEST_F(JsonlExamplesTest, EveryLineComesOnceInEachRound) {
  const auto examples = Load(Numbered(7), {.seed = 4});
  std::vector<std::vector<std::string>> rounds(3);
  for (auto& round : rounds) {
    for (int i = 0; i < 7; ++i) round.push_back((*examples)->Next().answer);
    EXPECT_EQ(std::set<std::string>(round.begin(), round.end()).size(), 7u);
  }
  EXPECT_NE(rounds[0], rounds[1]);
  const auto again = Load(Numbered(7), {.seed = 4});
  for (const std::string& answer : rounds[0]) EXPECT_EQ((*again)->Next().answer, answer);
}

TEST_F(JsonlExamplesTest, WhatIsHeldOutIsNotTrainedOn) {
  const auto training = Load(Numbered(20), {.held_out = 0.2, .split = Split::kTraining});
  const auto held_out = Load(Numbered(20), {.held_out = 0.2, .split = Split::kHeldOut});
  ASSERT_EQ((*training)->size(), 16u);
  ASSERT_EQ((*held_out)->size(), 4u);
  std::set<std::string> seen;
  for (int i = 0; i < 16; ++i) seen.insert((*training)->Next().answer);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(seen.contains((*held_out)->Next().answer));
}

struct Fault {
  const char* line;
  const char* message;
};

TEST_F(JsonlExamplesTest, FaultsAreNamedWithTheirLine) {
  const std::vector<Fault> faults = {
      {R"({"turns": [{"role": "user", "text": "q"}]})",
       ":1: answer: expected a string, got nothing"},
      {R"({"turns": [], "answer": "a"})", "turns: expected at least one turn"},
      {R"({"turns": [{"role": "assistant", "text": "q"}], "answer": "a"})", "the last the user's"},
      {R"({"turns": [{"role": "tool", "text": "q"}], "answer": "a"})",
       "turns[0].role: expected one of system, user, assistant"},
      {R"({"turns": [{"role": "user", "text": "q"}], "answer": "a", "image": 1})",
       "image: expected no such key"},
      {R"({"turns": [{"role": "user", "text": "q"}], "answer": "a", "image_id": 1})",
       "image_id: expected an image of the annotations, got 1"},
      {R"({"turns": [{"role": "user", "text": "q"}], "answer": "a",)"
       R"("detections": [{"label": "cow", "score": 1, "box": [0, 0, 1, 1]}]})",
       "detections[0].label: expected one of dog, cat, chair, got \"cow\""},
      {R"({"turns": [{"role": "user", "text": "q"}], "answer": "a",)"
       R"("detections": [{"label": "cat", "score": 1, "box": [0.5, 0, 0.2, 1]}]})",
       "detections[0].box: expected [x_min, y_min, x_max, y_max]"},
      {"nonsense", ":1: "},
      {"[]", "expected an object"},
  };
  for (const Fault& fault : faults) {
    EXPECT_THAT(Load(fault.line).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(fault.message)))
        << fault.line;
  }
  EXPECT_THAT(Load(absl::StrCat(kDog, "\n{}")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(":2: ")));
  EXPECT_THAT(Load("\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least one line")));
}

}  // namespace
}  // namespace mrmllm
