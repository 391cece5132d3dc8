// SPDX-License-Identifier: Apache-2.0
// What each method answers when all goes well, and how it refuses what is wrong.
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kQuestion[] = "What is it?";

class MethodsTest : public testing::TestWithParam<Transport> {
 protected:
  MethodsTest() {
    server_.engine.SetLabels({"dog", "cat"});
    server_.engine.SetAnswer(kQuestion, {"Two", " dogs", "."});
    server_.engine.SetDetections(12, 8,
                                 {{.box = {0, 0, 0.5f, 1}, .label = "dog", .score = 0.9f},
                                  {.label = "dog", .score = 0.6f},
                                  {.label = "dog", .score = 0.2f}});
  }

  v1::PerceiveAndAnswerRequest Both() const {
    auto request = WithPicture<v1::PerceiveAndAnswerRequest>(picture_);
    request.set_question(kQuestion);
    return request;
  }
  v1::AskRequest Ask() const {
    auto request = WithPicture<v1::AskRequest>(picture_);
    request.set_question(kQuestion);
    return request;
  }

  TestServer server_{GetParam()};
  std::unique_ptr<v1::MrMllmService::Stub> stub_ = server_.NewStub();
  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
  grpc::ClientContext context_;
};

INSTANTIATE_TEST_SUITE_P(Transports, MethodsTest,
                         testing::Values(Transport::kTcp, Transport::kInProcess),
                         [](const auto& info) {
                           return info.param == Transport::kTcp ? "Tcp" : "InProcess";
                         });

TEST_P(MethodsTest, DetectReportsObjectsOfEveryImageInOrder) {
  auto request = WithPicture<v1::DetectRequest>(picture_);
  request.add_images()->set_content(EncodeRedGreen(".jpg", 20, 10));
  v1::DetectResponse reply;
  ASSERT_TRUE(stub_->Detect(&context_, request, &reply).ok());
  ASSERT_EQ(reply.images_size(), 2);
  EXPECT_EQ(reply.images(0).image().width(), 12);
  EXPECT_EQ(reply.images(0).detections_size(), 2);
  EXPECT_EQ(reply.images(0).detections(0).box().x_max(), 0.5f);
  EXPECT_EQ(reply.images(1).image().width(), 20);
  EXPECT_TRUE(reply.timings().has_total());
  EXPECT_EQ(reply.model().name(), "fake");
}

TEST_P(MethodsTest, AskAnswers) {
  v1::AskResponse reply;
  ASSERT_TRUE(stub_->Ask(&context_, Ask(), &reply).ok());
  EXPECT_EQ(reply.answer(), "Two dogs.");
  EXPECT_EQ(reply.finish_reason(), v1::FINISH_REASON_STOP);
  EXPECT_EQ(reply.usage().answer_token_count(), 3);
  EXPECT_EQ(reply.images_size(), 1);
}

TEST_P(MethodsTest, AskNeedsNoImage) {
  v1::AskRequest request;
  request.set_question(kQuestion);
  v1::AskResponse reply;
  ASSERT_TRUE(stub_->Ask(&context_, request, &reply).ok());
  EXPECT_EQ(reply.answer(), "Two dogs.");
  EXPECT_FALSE(reply.timings().has_image_decode());
}

TEST_P(MethodsTest, AskStreamSaysWhatAskSays) {
  v1::AskStreamRequest request;
  *request.mutable_ask() = Ask();
  auto stream = stub_->AskStream(&context_, request);
  std::string text;
  v1::AskStreamResponse message;
  while (stream->Read(&message) && !message.has_summary()) text += message.text_delta();
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(text, "Two dogs.");
  EXPECT_EQ(message.summary().answer(), text);
}

TEST_P(MethodsTest, PerceiveAndAnswerGroundsTheAnswerInTheBoxes) {
  v1::PerceiveAndAnswerResponse reply;
  ASSERT_TRUE(stub_->PerceiveAndAnswer(&context_, Both(), &reply).ok());
  ASSERT_EQ(reply.grounding_size(), 1);
  EXPECT_EQ(reply.grounding(0).text(), "dogs");
  EXPECT_THAT(reply.grounding(0).detection_ids(), ElementsAre(0, 1));
}

TEST_P(MethodsTest, PerceiveAndAnswerTellsWhatTheBoxesContradict) {
  v1::PerceiveAndAnswerResponse reply;
  ASSERT_TRUE(stub_->PerceiveAndAnswer(&context_, Both(), &reply).ok());
  EXPECT_EQ(reply.agreement().score(), 1);
  EXPECT_EQ(reply.agreement().claim_count(), 1);
  server_.engine.SetAnswer(kQuestion, {"Three dogs", " and", " a cat."});
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->PerceiveAndAnswer(&context, Both(), &reply).ok());
  EXPECT_EQ(reply.agreement().score(), 0);
  ASSERT_EQ(reply.agreement().conflicts_size(), 2);
  const v1::Conflict& dogs = reply.agreement().conflicts(0);
  EXPECT_EQ(dogs.kind(), v1::CONFLICT_KIND_COUNT);
  EXPECT_EQ(dogs.text(), "Three dogs");
  EXPECT_EQ(dogs.claimed_count(), 3);
  EXPECT_THAT(dogs.detection_ids(), ElementsAre(0, 1));
  EXPECT_EQ(reply.agreement().conflicts(1).kind(), v1::CONFLICT_KIND_ABSENT);
  EXPECT_EQ(reply.agreement().conflicts(1).label(), "cat");
}

TEST_P(MethodsTest, PerceiveAndAnswerStreamBringsBoxesThenTextThenTheUnaryReply) {
  v1::PerceiveAndAnswerResponse unary;
  ASSERT_TRUE(stub_->PerceiveAndAnswer(&context_, Both(), &unary).ok());
  v1::PerceiveAndAnswerStreamRequest request;
  *request.mutable_request() = Both();
  grpc::ClientContext context;
  auto stream = stub_->PerceiveAndAnswerStream(&context, request);
  v1::PerceiveAndAnswerStreamResponse message;
  ASSERT_TRUE(stream->Read(&message));
  ASSERT_TRUE(message.has_perception());
  EXPECT_EQ(message.perception().images(0).detections_size(), 2);
  std::string text;
  while (stream->Read(&message) && !message.has_summary()) text += message.text_delta();
  EXPECT_EQ(text, unary.answer());
  v1::PerceiveAndAnswerResponse streamed = message.summary();
  EXPECT_TRUE(streamed.images(0).image().cached());
  for (auto* reply : {&streamed, &unary}) {
    reply->clear_timings();
    reply->mutable_images(0)->mutable_image()->clear_cached();
  }
  EXPECT_EQ(streamed.SerializeAsString(), unary.SerializeAsString());
}

// The engine is held in the second look when the first boxes come.
TEST_P(MethodsTest, PerceiveAndAnswerStreamBringsTheFirstBoxesAtOnceAndTheBetterOnesAtTheEnd) {
  server_.engine.SetSecondLook(12, 8, {{0.5f, 0, 1, 1}});
  server_.engine.Hold();
  v1::PerceiveAndAnswerStreamRequest request;
  *request.mutable_request() = Both();
  request.mutable_request()->mutable_perception()->mutable_second_look()->set_mode(
      v1::SECOND_LOOK_MODE_ALWAYS);
  auto stream = stub_->PerceiveAndAnswerStream(&context_, request);
  server_.engine.AwaitHeld();
  server_.engine.LetOnePass();
  v1::PerceiveAndAnswerStreamResponse message;
  ASSERT_TRUE(stream->Read(&message));
  ASSERT_TRUE(message.has_perception());
  EXPECT_EQ(message.perception().images(0).detections_size(), 2);
  EXPECT_FALSE(message.perception().images(0).has_second_look());
  server_.engine.Release();
  while (stream->Read(&message) && !message.has_summary()) EXPECT_FALSE(message.has_perception());
  const v1::ImageDetections& image = message.summary().images(0);
  ASSERT_EQ(image.detections_size(), 3);
  EXPECT_TRUE(image.detections(2).from_second_look());
  EXPECT_EQ(image.second_look().regions(0).x_min(), 0.5f);
  EXPECT_EQ(image.second_look().added_count(), 1);
  EXPECT_EQ(server_.engine.guides().back().question, kQuestion);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(MethodsTest, DetectLooksAgainWhereTheRequestSaysSo) {
  server_.engine.SetSecondLook(12, 8, {{0, 0, 0.5f, 1}, {0.5f, 0, 1, 1}});
  auto request = WithPicture<v1::DetectRequest>(picture_);
  v1::DetectResponse reply;
  ASSERT_TRUE(stub_->Detect(&context_, request, &reply).ok());
  EXPECT_FALSE(reply.images(0).has_second_look());
  request.mutable_perception()->mutable_second_look()->set_mode(v1::SECOND_LOOK_MODE_AUTOMATIC);
  request.mutable_perception()->mutable_second_look()->set_max_crop_count(1);
  grpc::ClientContext again;
  ASSERT_TRUE(stub_->Detect(&again, request, &reply).ok());
  EXPECT_EQ(reply.images(0).second_look().regions_size(), 1);
  EXPECT_TRUE(reply.images(0).image().cached());  // its first look
}

TEST_P(MethodsTest, DetectStreamAnswersInOrderAndSurvivesABadFrame) {
  auto stream = stub_->DetectStream(&context_);
  std::thread writer([&] {
    for (int i = 0; i < 10; ++i) {
      v1::DetectStreamRequest frame;
      frame.mutable_image()->set_content(i == 4 ? "no picture" : EncodeRedGreen(".png", 12 + i, 8));
      stream->Write(frame);
    }
    stream->WritesDone();
  });
  v1::DetectStreamResponse reply;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream->Read(&reply));
    EXPECT_EQ(reply.frame_index(), i);
    EXPECT_EQ(reply.has_error(), i == 4);
    if (i != 4) {
      EXPECT_EQ(reply.detections().image().width(), 12 + i);
    }
  }
  EXPECT_FALSE(stream->Read(&reply));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(MethodsTest, DetectStreamHoldsAFastWriterBack) {
  server_.engine.Hold();
  auto stream = stub_->DetectStream(&context_);
  // In process a write waits for its read, so the writer needs a thread of its own.
  std::thread writer([&] {
    for (int i = 0; i < 12; ++i) {
      v1::DetectStreamRequest frame;
      frame.mutable_image()->set_content(EncodeRedGreen(".png", 12 + i, 8));
      stream->Write(frame);
    }
    stream->WritesDone();
  });
  server_.AwaitInside(4);
  server_.engine.AwaitHeld();
  EXPECT_EQ(server_.gate.inside(), 4);
  server_.engine.Release();
  v1::DetectStreamResponse reply;
  int replies = 0;
  while (stream->Read(&reply)) ++replies;
  writer.join();
  EXPECT_EQ(replies, 12);
  for (const auto& step : server_.engine.steps()) EXPECT_LE(step.images.size(), 4u);
}

TEST_P(MethodsTest, ListModelsTellsWhatIsLoaded) {
  v1::ListModelsResponse reply;
  auto models = v1::ModelService::NewStub(server_.channel());
  ASSERT_TRUE(models->ListModels(&context_, {}, &reply).ok());
  ASSERT_EQ(reply.models_size(), 1);
  EXPECT_EQ(reply.models(0).name(), "fake");
  EXPECT_THAT(reply.models(0).labels(), ElementsAre("dog", "cat"));
  EXPECT_EQ(reply.models(0).sure_threshold(), 0.5f);
}

TEST_P(MethodsTest, AnImageIdStandsForItsImage) {
  v1::DetectResponse first;
  ASSERT_TRUE(stub_->Detect(&context_, WithPicture<v1::DetectRequest>(picture_), &first).ok());
  EXPECT_FALSE(first.images(0).image().cached());
  v1::AskRequest follow_up;
  follow_up.add_images()->set_image_id(first.images(0).image().image_id());
  follow_up.set_question(kQuestion);
  grpc::ClientContext context;
  v1::AskResponse reply;
  ASSERT_TRUE(stub_->Ask(&context, follow_up, &reply).ok());
  EXPECT_TRUE(reply.images(0).cached());
  EXPECT_EQ(reply.images(0).width(), 12);
  EXPECT_FALSE(reply.timings().has_perceive());
}

TEST_P(MethodsTest, AnUnknownImageIdIsNotFound) {
  v1::DetectRequest request;
  request.add_images()->set_image_id("feed");
  v1::DetectResponse reply;
  const grpc::Status status = stub_->Detect(&context_, request, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), HasSubstr("feed"));
}

TEST_P(MethodsTest, ABadFieldIsNamed) {
  v1::DetectResponse reply;
  const grpc::Status status = stub_->Detect(&context_, {}, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(), "images");
}

TEST_P(MethodsTest, HostileImagesAreRefusedAndHarmNobody) {
  const std::string jpeg = EncodeRedGreen(".jpg", 200, 200);
  for (const std::string& bytes :
       {std::string(), std::string("GIF89a nonsense"), std::string(5000, '\0'),
        jpeg.substr(0, jpeg.size() / 2), picture_.substr(0, 40),
        PngHeaderClaiming(30'000, 30'000, 100'000), PngHeaderClaiming(0, 1, 10)}) {
    grpc::ClientContext context;
    v1::DetectResponse reply;
    const grpc::Status status =
        stub_->Detect(&context, WithPicture<v1::DetectRequest>(bytes), &reply);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << bytes.size();
    EXPECT_THAT(status.error_message(), StartsWith("images[0].content: "));
  }
  v1::DetectResponse reply;
  EXPECT_TRUE(stub_->Detect(&context_, WithPicture<v1::DetectRequest>(picture_), &reply).ok());
}

TEST_P(MethodsTest, RepliesCarryTheRequestId) {
  context_.AddMetadata("x-request-id", "mine-7");
  v1::AskResponse reply;
  ASSERT_TRUE(stub_->Ask(&context_, Ask(), &reply).ok());
  const auto& metadata = context_.GetServerInitialMetadata();
  ASSERT_EQ(metadata.count("x-request-id"), 1u);
  EXPECT_EQ(metadata.find("x-request-id")->second, "mine-7");
}

TEST_P(MethodsTest, ABugIsInternalWithTheRequestIdAndHarmsNobodyElse) {
  server_.engine.FailQuestion("break", StepKind::kDecode, absl::InternalError("at /secret/path"));
  v1::AskRequest request;
  request.set_question("break");
  context_.AddMetadata("x-request-id", "mine-8");
  v1::AskResponse reply;
  const grpc::Status status = stub_->Ask(&context_, request, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("secret")));
  EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(status).request_id(), "mine-8");
  grpc::ClientContext context;
  EXPECT_TRUE(stub_->Ask(&context, Ask(), &reply).ok());
}

}  // namespace
}  // namespace mrmllm
