// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_request.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/kserve/infer_messages.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class InferRequestTest : public testing::Test {
 protected:
  absl::StatusOr<ParsedInfer> Parse() { return ParseInfer(request_, {4, &engine_}); }
  std::string Fault() { return std::string(Parse().status().message()); }
  void Want(const std::string& output) { request_.add_outputs()->set_name(output); }

  EngineInfo engine_;
  inference::ModelInferRequest request_;
};

TEST_F(InferRequestTest, ImagesAloneAreToBeDetected) {
  request_.set_id("mine");
  AddRaw("image", {"one", "two"}, &request_);
  const auto infer = Parse();
  ASSERT_OK(infer.status());
  ASSERT_THAT(infer->request.images, SizeIs(2));
  EXPECT_EQ(std::get<EncodedImage>(infer->request.images[1].from).bytes, "two");
  EXPECT_EQ(infer->request.images[1].field, "inputs['image'][1]");
  EXPECT_FALSE(infer->request.answer.has_value());
  EXPECT_EQ(infer->reply.id, "mine");
  EXPECT_TRUE(infer->reply.raw);
  EXPECT_THAT(
      infer->reply.outputs,
      ElementsAre(Output::kBoxes, Output::kScores, Output::kLabels, Output::kClassIds,
                  Output::kFinerLabels, Output::kImageIndex, Output::kImageSize, Output::kImageId));
}

TEST_F(InferRequestTest, AQuestionAloneIsToBeAnswered) {
  AddContents("question", {"Why?"}, &request_);
  const auto infer = Parse();
  ASSERT_OK(infer.status());
  EXPECT_EQ(infer->request.answer->question, "Why?");
  EXPECT_FALSE(infer->reply.raw);
  EXPECT_THAT(infer->reply.outputs, ElementsAre(Output::kAnswer));
}

TEST_F(InferRequestTest, ImageAndQuestionBelongTogether) {
  AddContents("question", {"Why?"}, &request_);
  AddContents("image", {"one"}, &request_);
  (*request_.mutable_parameters())["allow_degraded"].set_bool_param(true);
  (*request_.mutable_parameters())["max_new_tokens"].set_int64_param(3);
  const auto infer = Parse();
  ASSERT_OK(infer.status());
  EXPECT_THAT(infer->request.images, SizeIs(1));
  EXPECT_EQ(infer->request.answer->generation.max_new_tokens, 3);
  EXPECT_TRUE(infer->request.may_degrade);
  EXPECT_EQ(infer->reply.outputs.back(), Output::kAnswer);
}

TEST_F(InferRequestTest, AnAnswerAloneIsNotLeftOut) {
  AddContents("question", {"Why?"}, &request_);
  (*request_.mutable_parameters())["allow_degraded"].set_bool_param(true);
  EXPECT_FALSE(Parse()->request.may_degrade);
}

TEST_F(InferRequestTest, ImagesMayComeAsPixelsAndByTheirIds) {
  AddInput("image", "UINT8", {1, 2, 3}, &request_);
  request_.add_raw_input_contents("abcdef");
  AddRaw("image_id", {"earlier"}, &request_);
  const auto infer = Parse();
  ASSERT_OK(infer.status());
  ASSERT_THAT(infer->request.images, SizeIs(2));
  EXPECT_EQ(std::get<RawPixels>(infer->request.images[0].from).width, 2);
  EXPECT_EQ(std::get<KnownImage>(infer->request.images[1].from).image_id, "earlier");
}

TEST_F(InferRequestTest, OutputsComeInTheOrderOfTheRequest) {
  AddContents("image", {"one"}, &request_);
  Want("labels");
  Want("boxes");
  EXPECT_THAT(Parse()->reply.outputs, ElementsAre(Output::kLabels, Output::kBoxes));
}

TEST_F(InferRequestTest, RefusesAnUnknownOutput) {
  AddContents("image", {"one"}, &request_);
  Want("masks");
  EXPECT_THAT(Fault(), StartsWith("outputs['masks']: expected one of boxes, scores"));
}

TEST_F(InferRequestTest, RefusesAnOutputTwice) {
  AddContents("image", {"one"}, &request_);
  Want("boxes");
  Want("boxes");
  EXPECT_THAT(Fault(), HasSubstr("outputs['boxes']: expected each output once"));
}

TEST_F(InferRequestTest, RefusesParametersOfAnOutput) {
  AddContents("image", {"one"}, &request_);
  Want("boxes");
  (*request_.mutable_outputs(0)->mutable_parameters())["classification"].set_int64_param(3);
  EXPECT_EQ(Fault(), "outputs['boxes'].parameters: expected none, got 'classification'");
}

TEST_F(InferRequestTest, RefusesOutputsThatNothingWouldFill) {
  AddContents("image", {"one"}, &request_);
  Want("answer");
  EXPECT_EQ(Fault(), "outputs['answer']: expected a question among the inputs, got none");
  request_.clear_inputs();
  AddContents("question", {"Why?"}, &request_);
  request_.mutable_outputs(0)->set_name("boxes");
  EXPECT_EQ(Fault(), "outputs['boxes']: expected an image among the inputs, got none");
}

TEST_F(InferRequestTest, RefusesARequestWithoutInputs) {
  EXPECT_THAT(Parse(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Fault(), "inputs: expected an image, an image_id or a question, got none");
}

TEST_F(InferRequestTest, RefusesAnUnknownInput) {
  AddContents("images", {"one"}, &request_);
  EXPECT_EQ(Fault(), "inputs['images']: expected one of image, image_id, question");
}

TEST_F(InferRequestTest, RefusesAnInputTwice) {
  AddContents("image", {"one"}, &request_);
  AddContents("image", {"two"}, &request_);
  EXPECT_THAT(Fault(), HasSubstr("inputs['image']: expected each input once"));
}

TEST_F(InferRequestTest, RefusesWrongTypes) {
  AddInput("image", "FP32", {1}, &request_);
  EXPECT_EQ(Fault(),
            "inputs['image'].datatype: expected BYTES (files) or UINT8 (pixels), got 'FP32'");
  request_.mutable_inputs(0)->set_name("question");
  EXPECT_EQ(Fault(), "inputs['question'].datatype: expected BYTES, got 'FP32'");
  request_.mutable_inputs(0)->set_name("image_id");
  EXPECT_EQ(Fault(), "inputs['image_id'].datatype: expected BYTES, got 'FP32'");
}

TEST_F(InferRequestTest, RefusesMoreThanOneQuestion) {
  AddContents("question", {"Why?", "How?"}, &request_);
  EXPECT_EQ(Fault(), "inputs['question'].shape: expected [1], got [2]");
}

TEST_F(InferRequestTest, RefusesQuestionsOfTheWrongLength) {
  AddContents("question", {""}, &request_);
  EXPECT_EQ(Fault(), "inputs['question']: expected 1 to 8192 bytes, got 0");
}

TEST_F(InferRequestTest, RefusesAnEmptyImageId) {
  AddContents("image_id", {""}, &request_);
  EXPECT_THAT(Fault(), StartsWith("inputs['image_id'][0]: expected the image_id"));
}

TEST_F(InferRequestTest, CountsImagesOfAllInputs) {
  AddContents("image", {"1", "2", "3"}, &request_);
  AddContents("image_id", {"4", "5"}, &request_);
  EXPECT_EQ(Fault(), "inputs: expected at most 4 images, got 5");
}

TEST_F(InferRequestTest, NamesEveryFault) {
  AddContents("images", {"one"}, &request_);
  (*request_.mutable_parameters())["speed"].set_int64_param(1);
  EXPECT_THAT(Fault(), HasSubstr("(and 1 more)"));
}

}  // namespace
}  // namespace mrmllm
