// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_response.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using inference::ModelInferResponse;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

EngineInfo Info() {
  EngineInfo info;
  info.model_name = "fake";
  info.model_version = "3";
  info.sure_threshold = 0.5f;
  return info;
}

Outcome::SeenImage Seen(int width, std::vector<Detection> detections) {
  auto seen = std::make_shared<Perception>();
  seen->width = width;
  seen->height = 480;
  seen->detections = std::move(detections);
  return {.image_id = "id" + std::to_string(width), .perception = seen};
}

Outcome TwoImages() {
  Outcome outcome;
  outcome.images = {
      Seen(640, {{.box = {0.25f, 0.5f, 0.75f, 1}, .class_id = 16, .label = "dog", .score = 0.9f},
                 {.label = "cat", .score = 0.4f}}),
      Seen(320, {{.class_id = 15, .label = "cat", .score = 0.75f, .finer_label = "tabby"}})};
  return outcome;
}

ModelInferResponse Filled(const Outcome& outcome, const InferReply& reply) {
  ModelInferResponse response;
  FillInferResponse(outcome, reply, Info(), &response);
  return response;
}

ModelInferResponse::InferOutputTensor Only(const Outcome& outcome, Output output) {
  return Filled(outcome, {.outputs = {output}}).outputs(0);
}

TEST(InferResponseTest, SaysWhoAnsweredWhat) {
  const auto response = Filled(TwoImages(), {.id = "mine"});
  EXPECT_EQ(response.model_name(), "fake");
  EXPECT_EQ(response.model_version(), "3");
  EXPECT_EQ(response.id(), "mine");
  EXPECT_THAT(response.outputs(), IsEmpty());
}

TEST(InferResponseTest, BoxesOfAllImagesAreOneTensorThatTellsItsLayout) {
  const auto boxes = Only(TwoImages(), Output::kBoxes);
  EXPECT_EQ(boxes.name(), "boxes");
  EXPECT_EQ(boxes.datatype(), "FP32");
  EXPECT_THAT(boxes.shape(), ElementsAre(2, 4));
  EXPECT_THAT(boxes.contents().fp32_contents(), ElementsAre(0.25f, 0.5f, 0.75f, 1, 0, 0, 0, 0));
  EXPECT_EQ(boxes.parameters().at("layout").string_param(), "x_min, y_min, x_max, y_max");
}

TEST(InferResponseTest, ColumnsBelongToTheObjectsThatDetectReports) {
  const Outcome outcome = TwoImages();
  EXPECT_THAT(Only(outcome, Output::kScores).contents().fp32_contents(), ElementsAre(0.9f, 0.75f));
  EXPECT_THAT(Only(outcome, Output::kLabels).contents().bytes_contents(),
              ElementsAre("dog", "cat"));
  EXPECT_THAT(Only(outcome, Output::kClassIds).contents().int_contents(), ElementsAre(16, 15));
  EXPECT_THAT(Only(outcome, Output::kFinerLabels).contents().bytes_contents(),
              ElementsAre("", "tabby"));
  EXPECT_THAT(Only(outcome, Output::kImageIndex).contents().int_contents(), ElementsAre(0, 1));
}

TEST(InferResponseTest, SettingsOfTheRequestDecideWhatIsReported) {
  Outcome outcome = TwoImages();
  outcome.settings.score_threshold = 0.1f;
  EXPECT_THAT(Only(outcome, Output::kLabels).contents().bytes_contents(),
              ElementsAre("dog", "cat", "cat"));
}

TEST(InferResponseTest, ImagesHaveSizesAndIds) {
  const auto size = Only(TwoImages(), Output::kImageSize);
  EXPECT_THAT(size.shape(), ElementsAre(2, 2));
  EXPECT_THAT(size.contents().int_contents(), ElementsAre(640, 480, 320, 480));
  EXPECT_THAT(Only(TwoImages(), Output::kImageId).contents().bytes_contents(),
              ElementsAre("id640", "id320"));
}

TEST(InferResponseTest, AnImageWithoutObjectsGivesEmptyTensors) {
  Outcome outcome;
  outcome.images = {Seen(640, {})};
  EXPECT_THAT(Only(outcome, Output::kBoxes).shape(), ElementsAre(0, 4));
  EXPECT_THAT(Only(outcome, Output::kLabels).shape(), ElementsAre(0));
}

TEST(InferResponseTest, AnAnswerTellsHowItEnded) {
  Outcome outcome;
  outcome.result = {.answer = "Two.",
                    .finish = FinishReason::kLength,
                    .usage = {.prompt_tokens = 10, .answer_tokens = 3}};
  const auto response = Filled(outcome, {.outputs = {Output::kAnswer}});
  EXPECT_THAT(response.outputs(0).contents().bytes_contents(), ElementsAre("Two."));
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(1));
  EXPECT_EQ(response.parameters().at("finish_reason").string_param(), "length");
  EXPECT_EQ(response.parameters().at("prompt_token_count").int64_param(), 10);
  EXPECT_EQ(response.parameters().at("answer_token_count").int64_param(), 3);
  EXPECT_EQ(response.parameters().count("degraded"), 0);
}

TEST(InferResponseTest, AnAnswerThatWasLeftOutIsEmptyAndSaysSo) {
  Outcome outcome = TwoImages();
  outcome.result.degraded = true;
  const auto response = Filled(outcome, {.outputs = {Output::kAnswer}});
  EXPECT_THAT(response.outputs(0).contents().bytes_contents(), ElementsAre(""));
  EXPECT_TRUE(response.parameters().at("degraded").bool_param());
  EXPECT_EQ(response.parameters().count("finish_reason"), 0);
}

TEST(InferResponseTest, RawContentsStandBesideTheirTensors) {
  const auto response =
      Filled(TwoImages(), {.raw = true, .outputs = {Output::kLabels, Output::kScores}});
  ASSERT_THAT(response.raw_output_contents(), SizeIs(2));
  EXPECT_EQ(response.raw_output_contents(0), std::string("\3\0\0\0dog\3\0\0\0cat", 14));
  EXPECT_THAT(response.raw_output_contents(1), SizeIs(8));
  EXPECT_FALSE(response.outputs(0).has_contents());
}

}  // namespace
}  // namespace mrmllm
