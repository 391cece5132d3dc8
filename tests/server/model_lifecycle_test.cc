// SPDX-License-Identifier: Apache-2.0
//
// Models that come and go in a real server, as its clients and its administrators see it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/server.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/server/models/bundle_folders.h"
#include "tests/server/models/fake_factory.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ModelLifecycleTest : public testing::Test {
 protected:
  ModelLifecycleTest() {
    config_.server_address = "127.0.0.1:0";
    config_.metrics_address = "";
    config_.drain_delay = absl::ZeroDuration();
    config_.models_repository = folders_.path();
    config_.models_open_admin = true;
    folders_.Add("coco", "1");
  }

  absl::Status Start() {
    ASSIGN_OR_RETURN(server_, Server::Start(config_, &factory_, &metrics_, Clock::Real()));
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = v1::MrMllmService::NewStub(channel_);
    models_ = v1::ModelService::NewStub(channel_);
    return absl::OkStatus();
  }

  // The version that answered, or the code.
  std::string Ask(const std::string& name = "", const std::string& version = "") {
    v1::AskRequest request;
    request.set_question("Who?");
    if (!name.empty()) request.mutable_model()->set_name(name);
    if (!version.empty()) request.mutable_model()->set_version(version);
    v1::AskResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub_->Ask(&context, request, &response);
    return status.ok() ? absl::StrCat(response.model().name(), " ", response.model().version())
                       : absl::StrCat("error ", status.error_code());
  }
  grpc::Status Load(const std::string& name, const std::string& version, bool keep = false,
                    v1::LoadModelResponse* response = nullptr) {
    v1::LoadModelRequest request;
    request.set_name(name);
    request.set_version(version);
    request.set_keep_others(keep);
    grpc::ClientContext context;
    v1::LoadModelResponse ignored;
    return models_->LoadModel(&context, request, response != nullptr ? response : &ignored);
  }
  grpc::Status Unload(const std::string& name, const std::string& version, bool allow_none) {
    v1::UnloadModelRequest request;
    request.set_name(name);
    request.set_version(version);
    request.set_allow_none(allow_none);
    grpc::ClientContext context;
    v1::UnloadModelResponse response;
    return models_->UnloadModel(&context, request, &response);
  }
  // "coco 1 READY active default".
  std::vector<std::string> List() {
    grpc::ClientContext context;
    v1::ListModelsResponse response;
    EXPECT_TRUE(models_->ListModels(&context, {}, &response).ok());
    std::vector<std::string> words;
    for (const v1::Model& model : response.models()) {
      const std::string state = v1::ModelState_Name(model.state());
      words.push_back(absl::StrCat(model.name(), " ", model.version(), " ", state.substr(12),
                                   model.active() ? " active" : "",
                                   model.serves_by_default() ? " default" : ""));
    }
    return words;
  }
  // "SERVING", "NOT_SERVING", or "unknown".
  std::string Health(const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    auto stub = grpc::health::v1::Health::NewStub(channel_);
    if (!stub->Check(&context, request, &response).ok()) return "unknown";
    return grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status());
  }

  const std::string service_ = v1::MrMllmService::service_full_name();
  ServerConfig config_;
  BundleFolders folders_;
  FakeFactory factory_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::MrMllmService::Stub> stub_;
  std::unique_ptr<v1::ModelService::Stub> models_;
};

TEST_F(ModelLifecycleTest, SwitchesToANewVersionAndBack) {
  ASSERT_OK(Start());
  EXPECT_EQ(Ask(), "coco 1");
  folders_.Add("coco", "2");
  v1::LoadModelResponse response;
  ASSERT_TRUE(Load("coco", "", /*keep=*/false, &response).ok());
  EXPECT_EQ(response.model().version(), "2");
  EXPECT_TRUE(response.model().active());
  EXPECT_EQ(Ask(), "coco 2");
  EXPECT_EQ(Ask("coco", "1"), absl::StrCat("error ", grpc::StatusCode::NOT_FOUND));
  factory_.AwaitFreed("coco/1");
  EXPECT_THAT(List(), ElementsAre("coco 2 READY active default"));
  ASSERT_TRUE(Load("coco", "1").ok());
  EXPECT_EQ(Ask(), "coco 1");
}

TEST_F(ModelLifecycleTest, RequestsNameModelsAndVersions) {
  folders_.Add("pets", "7");
  config_.models_default = "pets";
  ASSERT_OK(Start());
  folders_.Add("coco", "2");
  ASSERT_TRUE(Load("coco", "2", /*keep=*/true).ok());
  EXPECT_EQ(Ask(), "pets 7");
  EXPECT_EQ(Ask("coco"), "coco 2");
  EXPECT_EQ(Ask("coco", "1"), "coco 1");
  EXPECT_EQ(Ask("", "7"), "pets 7");
  EXPECT_EQ(Ask("birds"), absl::StrCat("error ", grpc::StatusCode::NOT_FOUND));
  EXPECT_THAT(List(),
              ElementsAre("coco 1 READY", "coco 2 READY active", "pets 7 READY active default"));
}

TEST_F(ModelLifecycleTest, AStreamOfFramesFollowsTheSwitch) {
  ASSERT_OK(Start());
  grpc::ClientContext context;
  auto stream = stub_->DetectStream(&context);
  v1::DetectStreamRequest frame;
  frame.mutable_image()->set_content(EncodeRedGreen(".png", 12, 8));
  v1::DetectStreamResponse reply;
  ASSERT_TRUE(stream->Write(frame) && stream->Read(&reply));
  EXPECT_EQ(reply.model().version(), "1");
  folders_.Add("coco", "2");
  ASSERT_TRUE(Load("coco", "2").ok());
  ASSERT_TRUE(stream->Write(frame) && stream->Read(&reply));
  EXPECT_EQ(reply.model().version(), "2");
  frame.mutable_model()->set_version("1");
  ASSERT_TRUE(stream->Write(frame) && stream->Read(&reply));
  EXPECT_EQ(reply.error().code(), static_cast<int>(grpc::StatusCode::NOT_FOUND));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ModelLifecycleTest, ImageIdsGoWithTheirVersion) {
  ASSERT_OK(Start());
  v1::DetectRequest request;
  request.add_images()->set_content(EncodeRedGreen(".png", 12, 8));
  v1::DetectResponse response;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(stub_->Detect(&context, request, &response).ok());
  }
  const std::string image_id = response.images(0).image().image_id();
  folders_.Add("coco", "2");
  ASSERT_TRUE(Load("coco", "2").ok());
  request.mutable_images(0)->set_image_id(image_id);
  grpc::ClientContext context;
  EXPECT_EQ(stub_->Detect(&context, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ModelLifecycleTest, ABrokenVersionIsRefusedAndTheOldOneServesOn) {
  ASSERT_OK(Start());
  folders_.Add("coco", "2");
  factory_.Break("coco/2", absl::DataLossError("coco/2/model.safetensors: checksum"));
  const grpc::Status status = Load("coco", "2");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("model.safetensors: checksum"));
  EXPECT_EQ(Ask(), "coco 1");
  EXPECT_THAT(List(), ElementsAre("coco 1 READY active default", "coco 2 FAILED"));
  EXPECT_EQ(Load("coco", "3").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Load("../coco", "1").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ModelLifecycleTest, HealthKnowsEveryModel) {
  folders_.Add("pets", "7");
  config_.models_default = "coco";
  ASSERT_OK(Start());
  EXPECT_EQ(Health(service_), "SERVING");
  EXPECT_EQ(Health("coco"), "SERVING");
  EXPECT_EQ(Health("pets"), "SERVING");
  EXPECT_EQ(Health("birds"), "unknown");
  ASSERT_TRUE(Unload("pets", "", false).ok());
  EXPECT_EQ(Health("pets"), "NOT_SERVING");
  EXPECT_EQ(Health(service_), "SERVING");

  EXPECT_EQ(Unload("coco", "", false).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  ASSERT_TRUE(Unload("coco", "", /*allow_none=*/true).ok());
  EXPECT_EQ(Health(service_), "NOT_SERVING");
  EXPECT_EQ(Health(""), "SERVING");
  EXPECT_EQ(Ask(), absl::StrCat("error ", grpc::StatusCode::NOT_FOUND));
  ASSERT_TRUE(Load("coco", "").ok());
  EXPECT_EQ(Health(service_), "SERVING");
  EXPECT_EQ(Ask(), "coco 1");
}

TEST_F(ModelLifecycleTest, NobodyMayChangeModelsUnlessTheSettingsSaySo) {
  config_.models_open_admin = false;
  ASSERT_OK(Start());
  EXPECT_EQ(Load("coco", "1").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Unload("coco", "1", true).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Ask(), "coco 1");
}

TEST_F(ModelLifecycleTest, StartRefusesABrokenBundleByName) {
  factory_.Break("coco/1", absl::NotFoundError("coco/1/config.json: No such file"));
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("config.json")));
}

TEST_F(ModelLifecycleTest, StartAsksForADefaultWhereThereAreSeveral) {
  folders_.Add("pets", "7");
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr("models.default"), HasSubstr("coco, pets"))));
  config_.models_load = "pets";
  ASSERT_OK(Start());
  EXPECT_EQ(Ask(), "pets 7");
}

TEST_F(ModelLifecycleTest, ADrainWaitsForALoadAndEndsWithIt) {
  ASSERT_OK(Start());
  folders_.Add("coco", "2");
  factory_.Hold();
  v1::LoadModelRequest request;
  request.set_name("coco");
  v1::LoadModelResponse response;
  grpc::ClientContext context;
  absl::Mutex mutex;
  bool done = false;
  grpc::Status status;
  models_->async()->LoadModel(&context, &request, &response, [&](grpc::Status end) {
    absl::MutexLock lock(&mutex);
    status = std::move(end);
    done = true;
  });
  factory_.AwaitHeld();
  std::thread drain([this] { EXPECT_EQ(server_->Drain(), DrainEnd::kComplete); });
  factory_.Release();
  drain.join();
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&done));
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace mrmllm
