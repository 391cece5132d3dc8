// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/health_service.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/hosting/grpc_server.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() : server_(*GrpcServer::Start({.address = "127.0.0.1:0"}, {&health_})) {
    stub_ = Health::NewStub(server_->InProcessChannel());
  }

  HealthCheckResponse::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    HealthCheckResponse response;
    const grpc::Status status = stub_->Check(&context, Named(service), &response);
    return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
  }

  static HealthCheckRequest Named(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return request;
  }

  static HealthCheckResponse::ServingStatus Next(grpc::ClientReader<HealthCheckResponse>* watch) {
    HealthCheckResponse response;
    EXPECT_TRUE(watch->Read(&response));
    return response.status();
  }

  HealthServiceImpl health_{{"ready.Service"}};
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<Health::Stub> stub_;
};

TEST_F(HealthServiceTest, BeginsLiveAndNotReady) {
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("ready.Service"), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthServiceTest, ReadinessAndLivenessAreApart) {
  health_.SetReadiness(true);
  health_.SetLiveness(false);
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check("ready.Service"), HealthCheckResponse::SERVING);
}

TEST_F(HealthServiceTest, TellsItsOwnServerWhatCheckSays) {
  EXPECT_TRUE(health_.IsServing(""));
  EXPECT_FALSE(health_.IsServing("ready.Service"));
  health_.SetReadiness(true);
  EXPECT_TRUE(health_.IsServing("ready.Service"));
  EXPECT_FALSE(health_.IsServing("nope"));
}

TEST_F(HealthServiceTest, CheckOfAnUnknownServiceIsNotFound) {
  grpc::ClientContext context;
  HealthCheckResponse response;
  EXPECT_EQ(stub_->Check(&context, Named("nope"), &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthServiceTest, WatchTellsTheStateThenEveryChange) {
  grpc::ClientContext context;
  auto watch = stub_->Watch(&context, Named("ready.Service"));
  EXPECT_EQ(Next(watch.get()), HealthCheckResponse::NOT_SERVING);
  health_.SetReadiness(true);
  EXPECT_EQ(Next(watch.get()), HealthCheckResponse::SERVING);
  health_.SetReadiness(false);
  EXPECT_EQ(Next(watch.get()), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthServiceTest, WatchOfAnUnknownServiceSaysSo) {
  grpc::ClientContext context;
  auto watch = stub_->Watch(&context, Named("nope"));
  EXPECT_EQ(Next(watch.get()), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
}

TEST_F(HealthServiceTest, EndWatchesEndsThem) {
  grpc::ClientContext context;
  auto watch = stub_->Watch(&context, Named(""));
  EXPECT_EQ(Next(watch.get()), HealthCheckResponse::SERVING);
  health_.EndWatches();
  HealthCheckResponse response;
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace mrmllm
