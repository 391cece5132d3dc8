// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/grpc_server.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "server/rpc/hosting/health_service.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  request.set_service(name);
  return grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response);
}

TEST(GrpcServerTest, ServesOnAFreePort) {
  HealthServiceImpl health({});
  auto server = GrpcServer::Start({.address = "127.0.0.1:0"}, {&health});
  ASSERT_OK(server);
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", (*server)->port()),
                                           grpc::InsecureChannelCredentials());
  EXPECT_TRUE(CheckHealth(channel, "").ok());
  EXPECT_TRUE(CheckHealth((*server)->InProcessChannel(), "").ok());
}

TEST(GrpcServerTest, APortInUseIsAnError) {
  HealthServiceImpl health({});
  auto first = GrpcServer::Start({.address = "127.0.0.1:0"}, {&health});
  ASSERT_OK(first);
  HealthServiceImpl other({});
  const std::string address = absl::StrCat("127.0.0.1:", (*first)->port());
  EXPECT_THAT(GrpcServer::Start({.address = address}, {&other}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
}

TEST(GrpcServerTest, MessagesOverTheLimitAreRefusedByGrpc) {
  HealthServiceImpl health({});
  auto server =
      GrpcServer::Start({.address = "127.0.0.1:0", .max_receive_message_bytes = 1000}, {&health});
  ASSERT_OK(server);
  EXPECT_EQ(CheckHealth((*server)->InProcessChannel(), std::string(900, 'x')).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(CheckHealth((*server)->InProcessChannel(), std::string(1100, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace mrmllm
