// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <fstream>

#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {
namespace {

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    config_.server_address = "127.0.0.1:0";
    config_.metrics_address = "127.0.0.1:0";
    config_.drain_delay = absl::ZeroDuration();
  }

  absl::StatusOr<std::unique_ptr<Server>> Start() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<FakeEngine>());
    return Server::Start(config_, std::move(engines), &metrics_, Clock::Real(), {});
  }

  ServerConfig config_;
  Metrics metrics_;
};

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

grpc::Status Ask(int port, v1::AskResponse* response) {
  auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  auto stub = v1::MrMllmService::NewStub(channel);
  grpc::ClientContext context;
  v1::AskRequest request;
  request.set_question("Who?");
  return stub->Ask(&context, request, response);
}

TEST_F(ServerTest, AnswersWritesItsPortsAndDrains) {
  config_.server_port_file = testing::TempDir() + "/ServerTest.port";
  config_.metrics_port_file = testing::TempDir() + "/ServerTest.metrics_port";
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Contents(config_.server_port_file), std::to_string((*server)->port()) + "\n");
  EXPECT_EQ(Contents(config_.metrics_port_file), std::to_string((*server)->metrics_port()) + "\n");

  v1::AskResponse response;
  grpc::Status status = Ask((*server)->port(), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.answer(), testing::HasSubstr("Who?"));

  EXPECT_EQ((*server)->Drain(), DrainEnd::kComplete);
  EXPECT_FALSE(Ask((*server)->port(), &response).ok());
}

TEST_F(ServerTest, NamesAnAddressThatIsTaken) {
  auto first = Start();
  ASSERT_TRUE(first.ok());
  config_.metrics_address = "127.0.0.1:" + std::to_string((*first)->metrics_port());
  auto second = Start();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), testing::HasSubstr("metrics.address"));
}

TEST_F(ServerTest, ServesWithoutMetricsAndWithoutACache) {
  config_.metrics_address = "";
  config_.cache_capacity_bytes = 0;
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->metrics_port(), 0);
  v1::AskResponse response;
  EXPECT_TRUE(Ask((*server)->port(), &response).ok());
}

TEST_F(ServerTest, RefusesEnginesWithDifferentModels) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<FakeEngine>(/*label_count=*/3));
  engines.push_back(std::make_unique<FakeEngine>(/*label_count=*/4));
  auto server = Server::Start(config_, std::move(engines), &metrics_, Clock::Real(), {});
  EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(server.status().message()), testing::HasSubstr("device.name"));
}

TEST_F(ServerTest, RefusesWeightsThatMakeNoSense) {
  config_.tenancy_weights = "a=heavy";
  EXPECT_EQ(Start().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, ReportsAPortFileItCannotWrite) {
  config_.server_port_file = "/nowhere/port";
  EXPECT_THAT(std::string(Start().status().message()), testing::HasSubstr("/nowhere/port"));
}

}  // namespace
}  // namespace mrmllm
