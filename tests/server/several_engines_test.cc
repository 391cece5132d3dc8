// SPDX-License-Identifier: Apache-2.0
//
// A real server around two engines, as a client and a probe see it while devices fail.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/server.h"
#include "tests/server/scheduling/devices/breakable_engine.h"

namespace mrmllm {
namespace {

using HealthCheck = grpc::health::v1::HealthCheckResponse;

class SeveralEnginesTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerConfig config;
    config.server_address = "127.0.0.1:0";
    config.metrics_address = "";
    std::vector<std::unique_ptr<Engine>> engines;
    for (BreakableEngine*& engine : engines_) {
      engines.push_back(std::make_unique<BreakableEngine>());
      engine = static_cast<BreakableEngine*>(engines.back().get());
    }
    auto server = Server::Start(config, std::move(engines), &metrics_, Clock::Real(), {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
  }

  grpc::Status Ask(std::string* answer) {
    grpc::ClientContext context;
    v1::AskRequest request;
    request.set_question("Who?");
    v1::AskResponse response;
    const grpc::Status status =
        v1::MrMllmService::NewStub(channel_)->Ask(&context, request, &response);
    *answer = response.answer();
    return status;
  }

  HealthCheck::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheck response;
    EXPECT_TRUE(
        grpc::health::v1::Health::NewStub(channel_)->Check(&context, request, &response).ok());
    return response.status();
  }
  // Waits for the probe's news.
  bool BecomesNotServing(const std::string& service) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    auto stub = grpc::health::v1::Health::NewStub(channel_);
    auto watch = stub->Watch(&context, request);
    HealthCheck response;
    bool became = false;
    while (!became && watch->Read(&response))
      became = response.status() == HealthCheck::NOT_SERVING;
    context.TryCancel();
    return became;
  }

  const std::string service_ = v1::MrMllmService::service_full_name();
  Metrics metrics_;
  BreakableEngine* engines_[2] = {};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(SeveralEnginesTest, ServesOnWhenOneFails) {
  engines_[0]->Break();
  std::string answer;
  for (int i = 0; i < 4; ++i) {
    const grpc::Status status = Ask(&answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(answer, "You asked: Who?");
  }
  EXPECT_THAT(engines_[0]->started(), testing::SizeIs(1));  // it failed, and was asked no more
  EXPECT_THAT(engines_[1]->started(), testing::SizeIs(4));
  EXPECT_EQ(Check(service_), HealthCheck::SERVING);
}

TEST_F(SeveralEnginesTest, IsNotReadyWhenAllHaveFailed) {
  for (BreakableEngine* engine : engines_) engine->Break();
  std::string answer;
  EXPECT_EQ(Ask(&answer).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(BecomesNotServing(service_));
  EXPECT_EQ(Check(""), HealthCheck::SERVING);
  EXPECT_EQ(Ask(&answer).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace mrmllm
