// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/conversion.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

EngineInfo Info() {
  EngineInfo info;
  info.model_name = "fake";
  info.model_version = "3";
  info.unsure_threshold = 0.2f;
  info.sure_threshold = 0.5f;
  info.labels = {"dog", "cat"};
  return info;
}

std::shared_ptr<Perception> Seen() {
  auto seen = std::make_shared<Perception>();
  seen->width = 640;
  seen->height = 480;
  seen->detections = {
      {.box = {0.25f, 0.5f, 0.75f, 1},
       .label = "dog",
       .score = 0.9f,
       .sure = true,
       .finer_label = "golden retriever",
       .finer_score = 0.8f,
       .color = "brown",
       .color_score = 0.75f},
      {.label = "cat", .score = 0.5f, .sure = true},
      {.label = "dog", .score = 0.2f},
  };
  return seen;
}

Outcome SeenOutcome() {
  Outcome outcome;
  outcome.images = {{.image_id = "abc", .cached = true, .perception = Seen()}};
  outcome.result.answer = "A dog.";
  outcome.result.finish = FinishReason::kLength;
  outcome.result.usage = {
      .prompt_tokens = 10, .perception_tokens = 4, .cached_tokens = 6, .answer_tokens = 3};
  outcome.result.timings.prefill = absl::Milliseconds(1500);
  return outcome;
}

std::vector<float> ScoresWith(const PerceptionSettings& settings) {
  std::vector<float> scores;
  for (const auto& one : ReportedDetections(*Seen(), settings, Info())) scores.push_back(one.score);
  return scores;
}

TEST(ReportedDetectionsTest, AbsentThresholdIsTheBundlesOwnAndInclusive) {
  EXPECT_THAT(ScoresWith({}), ElementsAre(0.9f, 0.5f));
}

TEST(ReportedDetectionsTest, ThresholdOfTheRequestIsInclusive) {
  EXPECT_THAT(ScoresWith({.score_threshold = 0.2f}), ElementsAre(0.9f, 0.5f, 0.2f));
  EXPECT_THAT(ScoresWith({.score_threshold = 0.21f}), ElementsAre(0.9f, 0.5f));
}

TEST(ReportedDetectionsTest, KeepsTheAskedForClasses) {
  EXPECT_THAT(ScoresWith({.score_threshold = 0.0f, .classes = {"dog"}}), ElementsAre(0.9f, 0.2f));
}

TEST(ReportedDetectionsTest, KeepsTheBest) {
  EXPECT_THAT(ScoresWith({.score_threshold = 0.0f, .max_objects = 1}), ElementsAre(0.9f));
}

TEST(ConversionTest, SaysWhatWasLookedAtAgainAndWhatThatChanged) {
  Outcome outcome = SeenOutcome();
  outcome.result.timings.look_again = absl::Milliseconds(250);
  v1::DetectResponse reply;
  FillDetectResponse(outcome, Info(), &reply);
  EXPECT_FALSE(reply.images(0).has_second_look());
  EXPECT_EQ(reply.timings().look_again().nanos(), 250'000'000);
  auto merged = Seen();
  merged->detections[1].from_second_look = true;
  merged->second_look = {{0, 0.25f, 0.5f, 1}, {0.5f, 0, 1, 0.5f}};
  merged->added_count = 1;
  merged->changed_count = 2;
  outcome.images[0].perception = merged;
  v1::DetectResponse twice;
  FillDetectResponse(outcome, Info(), &twice);
  const v1::ImageDetections& image = twice.images(0);
  ASSERT_EQ(image.second_look().regions_size(), 2);
  EXPECT_EQ(image.second_look().regions(0).y_min(), 0.25f);
  EXPECT_EQ(image.second_look().regions(1).x_min(), 0.5f);
  EXPECT_EQ(image.second_look().added_count(), 1);
  EXPECT_EQ(image.second_look().changed_count(), 2);
  EXPECT_FALSE(image.detections(0).from_second_look());
  EXPECT_TRUE(image.detections(1).from_second_look());
}

TEST(ConversionTest, DetectionsKeepTheirBoxesAndNames) {
  v1::DetectResponse reply;
  FillDetectResponse(SeenOutcome(), Info(), &reply);
  ASSERT_EQ(reply.images_size(), 1);
  EXPECT_EQ(reply.images(0).image().image_id(), "abc");
  EXPECT_EQ(reply.images(0).image().width(), 640);
  EXPECT_EQ(reply.images(0).image().height(), 480);
  EXPECT_TRUE(reply.images(0).image().cached());
  ASSERT_EQ(reply.images(0).detections_size(), 2);
  const v1::Detection& dog = reply.images(0).detections(0);
  EXPECT_EQ(dog.box().x_min(), 0.25f);
  EXPECT_EQ(dog.box().y_max(), 1.0f);
  EXPECT_EQ(dog.finer_name().label(), "golden retriever");
  EXPECT_EQ(dog.color().label(), "brown");
  EXPECT_EQ(dog.color().score(), 0.75f);
  EXPECT_FALSE(reply.images(0).detections(1).has_color());
  EXPECT_TRUE(dog.sure());
  EXPECT_EQ(reply.images(0).detections(1).id(), 1);
  EXPECT_FALSE(reply.images(0).detections(1).has_finer_name());
  EXPECT_EQ(reply.model().version(), "3");
}

TEST(ConversionTest, GroundingRefersToReportedIds) {
  v1::PerceiveAndAnswerResponse reply;
  FillPerceiveAndAnswerResponse(SeenOutcome(), Info(), &reply);
  ASSERT_EQ(reply.grounding_size(), 1);
  EXPECT_EQ(reply.grounding(0).text(), "dog");
  EXPECT_EQ(reply.grounding(0).start_byte(), 2);
  EXPECT_EQ(reply.grounding(0).end_byte(), 5);
  EXPECT_THAT(reply.grounding(0).detection_ids(), ElementsAre(0));
}

TEST(ConversionTest, AgreementIsWithAllThatThePromptTellsOf) {
  Outcome outcome = SeenOutcome();
  outcome.result.answer = "There are three dogs and a cat in the picture.";
  v1::PerceiveAndAnswerResponse reply;
  const Agreement told = FillPerceiveAndAnswerResponse(outcome, Info(), &reply);
  EXPECT_EQ(told.claim_count, 2);
  EXPECT_EQ(reply.agreement().claim_count(), 2);
  EXPECT_EQ(reply.agreement().score(), 0.5f);
  ASSERT_EQ(reply.agreement().conflicts_size(), 1);
  const v1::Conflict& conflict = reply.agreement().conflicts(0);
  EXPECT_EQ(conflict.kind(), v1::CONFLICT_KIND_COUNT);
  EXPECT_EQ(conflict.text(), "three dogs");
  EXPECT_EQ(conflict.start_byte(), 10);
  EXPECT_EQ(conflict.end_byte(), 20);
  EXPECT_EQ(conflict.label(), "dog");
  EXPECT_EQ(conflict.claimed_count(), 3);
  EXPECT_EQ(conflict.found_count(), 1);
  EXPECT_THAT(conflict.detection_ids(), ElementsAre(0));  // the unsure dog is not in the reply
  // It leaves room for one more dog all the same.
  outcome.result.answer = "There are two dogs.";
  reply.Clear();
  FillPerceiveAndAnswerResponse(outcome, Info(), &reply);
  EXPECT_EQ(reply.agreement().conflicts_size(), 0);
}

TEST(ConversionTest, AnswerCarriesUsageAndReason) {
  v1::AskResponse reply;
  FillAskResponse(SeenOutcome(), Info(), &reply);
  EXPECT_EQ(reply.answer(), "A dog.");
  EXPECT_EQ(reply.finish_reason(), v1::FINISH_REASON_LENGTH);
  EXPECT_EQ(reply.usage().prompt_token_count(), 10);
  EXPECT_EQ(reply.usage().perception_token_count(), 4);
  EXPECT_EQ(reply.usage().cached_token_count(), 6);
  EXPECT_EQ(reply.usage().answer_token_count(), 3);
}

TEST(ConversionTest, AReplyWithoutItsAnswerSaysSo) {
  v1::PerceiveAndAnswerResponse reply;
  FillPerceiveAndAnswerResponse(SeenOutcome(), Info(), &reply);
  EXPECT_EQ(reply.degradation(), v1::DEGRADATION_NONE);
  Outcome outcome = SeenOutcome();
  outcome.result = {.degraded = true};
  reply.Clear();
  FillPerceiveAndAnswerResponse(outcome, Info(), &reply);
  EXPECT_EQ(reply.degradation(), v1::DEGRADATION_ANSWER_SKIPPED);
  EXPECT_EQ(reply.finish_reason(), v1::FINISH_REASON_UNSPECIFIED);
  EXPECT_EQ(reply.images(0).detections_size(), 2);
  EXPECT_EQ(reply.answer(), "");
}

TEST(ConversionTest, StagesThatDidNotRunAreAbsent) {
  const v1::Timings timings = ToTimings(SeenOutcome());
  EXPECT_EQ(timings.prefill().seconds(), 1);
  EXPECT_EQ(timings.prefill().nanos(), 500'000'000);
  EXPECT_FALSE(timings.has_decode());
  EXPECT_FALSE(timings.has_image_decode());
}

}  // namespace
}  // namespace mrmllm
