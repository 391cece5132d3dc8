// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol over a real channel, around a fake engine.
#include "server/rpc/kserve/inference_service.h"

#include <thread>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/kserve/tensor_specs.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/server/rpc/kserve/infer_messages.h"

namespace mrmllm {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kQuestion[] = "What is it?";

class InferenceServiceTest : public testing::Test {
 protected:
  InferenceServiceTest() {
    server_.engine.SetAnswer(kQuestion, {"Two", " dogs", "."});
    server_.engine.SetDetections(12, 8,
                                 {{.box = {0, 0, 0.5f, 1}, .label = "dog", .score = 0.9f},
                                  {.label = "dog", .score = 0.6f},
                                  {.label = "dog", .score = 0.2f}});
    request_.set_model_name("fake");
  }

  grpc::Status Infer(grpc::ClientContext* context) {
    return stub_->ModelInfer(context, request_, &response_);
  }
  grpc::Status Infer() {
    grpc::ClientContext context;
    return Infer(&context);
  }
  bool Live() {
    grpc::ClientContext context;
    inference::ServerLiveResponse response;
    EXPECT_TRUE(stub_->ServerLive(&context, {}, &response).ok());
    return response.live();
  }
  bool Ready() {
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  }
  bool ModelReady(const std::string& name, const std::string& version = "") {
    grpc::ClientContext context;
    inference::ModelReadyRequest request;
    request.set_name(name);
    request.set_version(version);
    inference::ModelReadyResponse response;
    EXPECT_TRUE(stub_->ModelReady(&context, request, &response).ok());
    return response.ready();
  }

  TestServer server_{Transport::kTcp};
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_ =
      inference::GRPCInferenceService::NewStub(server_.channel());
  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
  ModelInferRequest request_;
  ModelInferResponse response_;
};

TEST_F(InferenceServiceTest, ImagesAreDetected) {
  request_.set_id("mine");
  AddRaw("image", {picture_, EncodeRedGreen(".jpg", 20, 10)}, &request_);
  ASSERT_TRUE(Infer().ok());
  EXPECT_EQ(response_.model_name(), "fake");
  EXPECT_EQ(response_.id(), "mine");
  EXPECT_THAT(response_.outputs(0).shape(), ElementsAre(3, 4));
  EXPECT_EQ(response_.raw_output_contents_size(), response_.outputs_size());
}

TEST_F(InferenceServiceTest, AnImageAndAQuestionBringObjectsAndAnswer) {
  AddContents("image", {picture_}, &request_);
  AddContents("question", {kQuestion}, &request_);
  ASSERT_TRUE(Infer().ok());
  EXPECT_THAT(response_.outputs(1).contents().fp32_contents(), ElementsAre(0.9f, 0.6f));
  const auto& answer = response_.outputs(response_.outputs_size() - 1);
  EXPECT_THAT(answer.contents().bytes_contents(), ElementsAre("Two dogs."));
  EXPECT_EQ(response_.parameters().at("finish_reason").string_param(), "stop");
}

TEST_F(InferenceServiceTest, AQuestionIsAnswered) {
  AddContents("question", {kQuestion}, &request_);
  ASSERT_TRUE(Infer().ok());
  EXPECT_THAT(response_.outputs(0).contents().bytes_contents(), ElementsAre("Two dogs."));
}

TEST_F(InferenceServiceTest, PixelsAreDetected) {
  AddInput("image", "UINT8", {8, 12, 3}, &request_);
  request_.add_raw_input_contents(std::string(8 * 12 * 3, 'x'));
  ASSERT_TRUE(Infer().ok());
  EXPECT_THAT(response_.outputs(0).shape(), ElementsAre(2, 4));
}

TEST_F(InferenceServiceTest, AnErrorNamesTheTensorAndTheElement) {
  AddContents("image", {picture_, "no picture"}, &request_);
  const grpc::Status status = Infer();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(),
            "inputs['image'][1].content");
}

TEST_F(InferenceServiceTest, AModelThatIsNotThereIsNotFound) {
  AddContents("question", {kQuestion}, &request_);
  request_.set_model_name("another");
  EXPECT_EQ(Infer().error_code(), grpc::StatusCode::NOT_FOUND);
  request_.set_model_name("fake");
  request_.set_model_version("99");
  EXPECT_EQ(Infer().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(InferenceServiceTest, ARequestNamesItsModel) {
  AddContents("question", {kQuestion}, &request_);
  request_.clear_model_name();
  const grpc::Status status = Infer();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("model_name: expected the name of a model"));
}

TEST_F(InferenceServiceTest, ATimeoutEndsTheRequest) {
  AddContents("question", {kQuestion}, &request_);
  (*request_.mutable_parameters())["timeout"].set_int64_param(1);
  EXPECT_EQ(Infer().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(InferenceServiceTest, AClientThatGoesAwayFreesItsPlace) {
  AddContents("question", {kQuestion}, &request_);
  server_.engine.Hold();
  grpc::ClientContext context;
  std::thread call([&] { EXPECT_EQ(Infer(&context).error_code(), grpc::StatusCode::CANCELLED); });
  server_.engine.AwaitHeld();
  context.TryCancel();
  call.join();
  server_.engine.Release();
  server_.AwaitIdle();
}

TEST_F(InferenceServiceTest, TenantsImagesAreTheirOwn) {
  AddContents("image", {picture_}, &request_);
  grpc::ClientContext one;
  one.AddMetadata("x-tenant", "one");
  ASSERT_TRUE(Infer(&one).ok());
  const auto& id = response_.outputs(response_.outputs_size() - 1);
  ASSERT_EQ(id.name(), "image_id");
  request_.clear_inputs();
  AddContents("image_id", {id.contents().bytes_contents(0)}, &request_);
  grpc::ClientContext other;
  other.AddMetadata("x-tenant", "other");
  EXPECT_EQ(Infer(&other).error_code(), grpc::StatusCode::NOT_FOUND);
  grpc::ClientContext again;
  again.AddMetadata("x-tenant", "one");
  EXPECT_TRUE(Infer(&again).ok());
}

TEST_F(InferenceServiceTest, HealthIsThatOfTheServer) {
  EXPECT_TRUE(Live());
  EXPECT_TRUE(Ready());
  EXPECT_TRUE(ModelReady("fake"));
  EXPECT_FALSE(ModelReady("another"));
  EXPECT_FALSE(ModelReady("fake", "99"));
}

TEST_F(InferenceServiceTest, AServerThatDrainsIsLiveButNotReady) {
  server_.BeginDrain();
  EXPECT_TRUE(Live());
  EXPECT_FALSE(Ready());
  EXPECT_FALSE(ModelReady("fake"));
  AddContents("question", {kQuestion}, &request_);
  EXPECT_EQ(Infer().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(InferenceServiceTest, MetadataListTensors) {
  grpc::ClientContext context;
  inference::ModelMetadataRequest request;
  request.set_name("fake");
  inference::ModelMetadataResponse response;
  ASSERT_TRUE(stub_->ModelMetadata(&context, request, &response).ok());
  EXPECT_EQ(response.platform(), "mrmllm");
  EXPECT_EQ(response.versions_size(), 1);
  EXPECT_EQ(response.inputs_size(), static_cast<int>(InputSpecs().size()));
  EXPECT_EQ(response.outputs_size(), static_cast<int>(OutputSpecs().size()));
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(-1, 4));
}

TEST_F(InferenceServiceTest, MetadataOfAnUnknownModelAreNotFound) {
  grpc::ClientContext context;
  inference::ModelMetadataRequest request;
  request.set_name("another");
  inference::ModelMetadataResponse response;
  EXPECT_EQ(stub_->ModelMetadata(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(InferenceServiceTest, TheServerSaysWhatItIs) {
  grpc::ClientContext context;
  inference::ServerMetadataResponse response;
  ASSERT_TRUE(stub_->ServerMetadata(&context, {}, &response).ok());
  EXPECT_EQ(response.name(), "mrmllm");
  EXPECT_FALSE(response.version().empty());
}

}  // namespace
}  // namespace mrmllm
