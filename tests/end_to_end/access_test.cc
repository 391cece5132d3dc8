// SPDX-License-Identifier: Apache-2.0
// Who gets in, over the wire: keys, certificates, tenants, and what stays closed.
#include <thread>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "server/security/api_key.h"
#include "tests/end_to_end/access_fixture.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/server/rpc/kserve/infer_messages.h"
#include "tests/server/telemetry/tracing/otlp_sink.h"

namespace mrmllm {
namespace {

using grpc::StatusCode;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

namespace reflection = grpc::reflection::v1;

class AccessTest : public AccessFixture {
 protected:
  std::vector<std::string> ListServices(const ClientIdentity& identity, grpc::Status* status) {
    grpc::ClientContext context;
    AddTo(identity, &context);
    auto stub = reflection::ServerReflection::NewStub(Connect());
    auto call = stub->ServerReflectionInfo(&context);
    reflection::ServerReflectionRequest request;
    request.set_list_services("*");
    call->Write(request);
    call->WritesDone();
    reflection::ServerReflectionResponse response;
    std::vector<std::string> names;
    while (call->Read(&response)) {
      for (const auto& service : response.list_services_response().service()) {
        names.push_back(service.name());
      }
    }
    *status = call->Finish();
    return names;
  }

  grpc::Status CallEmpty(const std::string& path, const ClientIdentity& identity) {
    auto channel = Connect();
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    grpc::ClientContext context;
    AddTo(identity, &context);
    const grpc::Slice nothing;
    grpc::ByteBuffer request(&nothing, 1), response;
    return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel.get(), method, &context, request, &response);
  }
};

TEST_F(AccessTest, AKeyGetsInBothWaysItCanBeShown) {
  UseCallers();
  Start();
  EXPECT_TRUE(Ask({.api_key = "shop key"}).ok());
  EXPECT_TRUE(Ask({.api_key = "shop key", .bearer = true}).ok());
}

TEST_F(AccessTest, WithoutAKnownKeyNobodyGetsIn) {
  UseCallers();
  Start();
  EXPECT_EQ(Ask({}).error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Ask({.api_key = "shop kez"}).error_code(), StatusCode::UNAUTHENTICATED);
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "shop key");
  context.AddMetadata("authorization", "Bearer shop key");
  v1::AskResponse response;
  EXPECT_EQ(v1::MrMllmService::NewStub(Connect())->Ask(&context, {}, &response).error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "no_credentials"), 1);
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "unknown_key"), 1);
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "malformed"), 1);
  EXPECT_EQ(Metric("mrmllm_rejections_total", "denied"), 3);
}

TEST_F(AccessTest, EveryMethodOfEveryServiceIsClosedButHealth) {
  UseCallers();
  Start();
  grpc::Status status;
  const std::vector<std::string> services = ListServices({.api_key = "admin key"}, &status);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(services, Contains("mrmllm.v1.MrMllmService"));
  EXPECT_THAT(services, Contains("grpc.health.v1.Health"));
  int methods = 0;
  for (const std::string& service : services) {
    if (service == "grpc.health.v1.Health") continue;
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i, ++methods) {
      const std::string path = "/" + service + "/" + descriptor->method(i)->name();
      EXPECT_EQ(CallEmpty(path, {}).error_code(), StatusCode::UNAUTHENTICATED) << path;
      EXPECT_EQ(CallEmpty(path, {.api_key = "no key"}).error_code(), StatusCode::UNAUTHENTICATED)
          << path;
    }
  }
  EXPECT_GE(methods, 10);
  ListServices({}, &status);
  EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, HealthIsOpenUnlessItIsClosedToo) {
  UseCallers();
  Start();
  EXPECT_TRUE(CallEmpty("/grpc.health.v1.Health/Check", {}).ok());
  server_.reset();
  config_.auth_open_health = false;
  Start();
  EXPECT_EQ(CallEmpty("/grpc.health.v1.Health/Check", {}).error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CallEmpty("/grpc.health.v1.Health/Watch", {}).error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(CallEmpty("/grpc.health.v1.Health/Check", {.api_key = "admin key"}).ok());
}

TEST_F(AccessTest, WhatACallerMayNotCallIsDenied) {
  UseCallers();
  Start();
  const grpc::Status status =
      CallEmpty("/mrmllm.v1.ModelService/ListModels", {.api_key = "shop key"});
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("ListModels"));
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "method_not_allowed"), 1);
  EXPECT_TRUE(CallEmpty("/mrmllm.v1.ModelService/ListModels", {.api_key = "admin key"}).ok());
}

TEST_F(AccessTest, TheTenantIsTheCallersAlone) {
  UseCallers();
  Start();
  EXPECT_TRUE(Ask({.api_key = "shop key", .tenant = "shop-test"}).ok());
  EXPECT_EQ(Ask({.api_key = "shop key", .tenant = "admin"}).error_code(),
            StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "tenant_not_allowed"), 1);
}

TEST_F(AccessTest, ATenantsQuotaOfTheCallersFileHolds) {
  UseCallers("tenants:\n  shop: {max_tokens: 1}\n");
  Start();
  const grpc::Status status = Ask({.api_key = "shop key"});
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("for tenant 'shop'"));
  EXPECT_TRUE(Ask({.api_key = "admin key"}).ok());
}

TEST_F(AccessTest, TooManyCallsASecondAreToldWhenToComeBack) {
  UseCallers("tenants:\n  shop: {requests_per_second: 0.001, burst: 2}\n");
  Start();
  EXPECT_TRUE(Ask({.api_key = "shop key"}).ok());
  EXPECT_TRUE(Ask({.api_key = "shop key"}).ok());
  const grpc::Status status = Ask({.api_key = "shop key"});
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  EXPECT_GT(delay.seconds(), 900);
  EXPECT_LE(delay.seconds(), 1000);
}

TEST_F(AccessTest, NewCallersCountWithoutARestart) {
  UseCallers();
  Start();
  auto channel = Connect();
  EXPECT_EQ(Ask(channel, {.api_key = "new key"}).error_code(), StatusCode::UNAUTHENTICATED);
  UseCallers("  - {id: late, certificates: [\"cn:x\"], rpcs: [Ask], key_hashes: [\"" +
             FormatKeyHash(DigestOfKey("new key")) + "\"]}\n");
  Eventually([&] { return Ask(channel, {.api_key = "new key"}).ok(); });
  WriteTestFile("callers.yaml", "callers: broken");
  EXPECT_TRUE(Ask(channel, {.api_key = "new key"}).ok());
  UseCallers();
  Eventually([&] { return !Ask(channel, {.api_key = "new key"}).ok(); });
}

TEST_F(AccessTest, ReflectionCanBeSwitchedOff) {
  config_.server_reflection = "off";
  Start();
  grpc::Status status;
  ListServices({}, &status);
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED);
}

TEST_F(AccessTest, WhoIsTurnedAwayMakesNoSpans) {
  OtlpSink sink;
  config_.tracing_endpoint = sink.endpoint();
  UseCallers();
  Start();
  const auto ask = [&](const ClientIdentity& identity) {
    grpc::ClientContext context;
    AddTo(identity, &context);
    context.AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    v1::AskRequest request;
    request.set_question("Who traces this?");
    v1::AskResponse response;
    return v1::MrMllmService::NewStub(Connect())->Ask(&context, request, &response).error_code();
  };
  EXPECT_EQ(ask({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ask({.api_key = "shop key", .tenant = "admin"}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ask({.api_key = "shop key"}), StatusCode::OK);
  server_->Drain();  // sends the last spans
  for (const auto& span : sink.AwaitSpans(1)) {
    for (const auto& attribute : span.attributes()) {
      const bool is_code = attribute.key() == "rpc.grpc.status_code";
      EXPECT_TRUE(!is_code || attribute.value().int_value() == 0);
    }
  }
}

TEST_F(AccessTest, InferenceIsOpenToWhomItIsNamed) {
  UseCallers("  - {id: triton, rpcs: [ModelInfer], key_hashes: [\"" +
             FormatKeyHash(DigestOfKey("triton key")) + "\"]}\n");
  Start();
  const auto infer = [&](const ClientIdentity& identity) {
    grpc::ClientContext context;
    AddTo(identity, &context);
    inference::ModelInferRequest request;
    request.set_model_name("fake");
    AddRaw("image", {EncodeRedGreen(".png", 12, 8)}, &request);
    inference::ModelInferResponse response;
    const grpc::Status status = inference::GRPCInferenceService::NewStub(Connect())->ModelInfer(
        &context, request, &response);
    EXPECT_EQ(response.outputs_size() > 0, status.ok());
    return status.error_code();
  };
  EXPECT_EQ(infer({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(infer({.api_key = "no key"}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(infer({.api_key = "shop key"}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(infer({.api_key = "triton key", .tenant = "shop"}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(infer({.api_key = "triton key"}), StatusCode::OK);
  EXPECT_EQ(infer({.api_key = "triton key", .tenant = "triton", .bearer = true}), StatusCode::OK);
  EXPECT_EQ(Ask({.api_key = "triton key"}).error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(AccessTest, LogsHaveNeitherKeysNorQuestions) {
  UseCallers();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Start();
  EXPECT_TRUE(Ask({.api_key = "shop key"}).ok());
  EXPECT_FALSE(Ask({.api_key = "shop kez"}).ok());
  EXPECT_FALSE(Ask({.api_key = "shop key", .tenant = "admin"}).ok());
  UseCallers("  - {id: mrm_oops, key_hashes: [mrm_oops_key], rpcs: [Ask]}\n");
  // Several looks at the file.
  const absl::Time end = Clock::Real()->Now() + absl::Milliseconds(500);
  while (Clock::Real()->Now() < end) EXPECT_TRUE(Ask({.api_key = "shop key"}).ok());
  const std::string log =
      testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("caller=shop"));
  EXPECT_THAT(log, HasSubstr("the new callers file is no good"));
  for (const char* secret : {"shop key", "shop kez", "Who sees", "mrm_oops_key"}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace mrmllm
