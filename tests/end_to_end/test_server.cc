// SPDX-License-Identifier: Apache-2.0
#include "tests/end_to_end/test_server.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "server/rpc/hosting/drain.h"
#include "server/rpc/hosting/reflection_service.h"

namespace mrmllm {
namespace {

constexpr ImageLimits kLimits{.max_bytes = 16 << 20, .max_pixels = 50'000'000, .max_side = 16'384};

// The scheduler of the only model.
Scheduler* Serve(Scheduler::Options options, const TestSetup& setup,
                 std::unique_ptr<FakeEngine> fake, LoadSum* loads, ModelRegistry* models) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::move(fake));
  models->Activate(*ServedModel::Create({.scheduler = std::move(options), .images = kLimits},
                                        std::move(engines), setup.clock, loads->Join()),
                   OtherVersions::kDrain);
  return &(*models->Find("", ""))->scheduler();
}

}  // namespace

TestServer::TestServer(Transport transport, Scheduler::Options options, const TestSetup& setup)
    : TestServer(transport, std::move(options), setup, std::make_unique<FakeEngine>()) {}

TestServer::TestServer(Transport transport, Scheduler::Options options, const TestSetup& setup,
                       std::unique_ptr<FakeEngine> fake)
    : loads_(setup.observer != nullptr ? setup.observer : &nobody_),
      engine(*fake),
      scheduler(Serve(std::move(options), setup, std::move(fake), &loads_, &models_)),
      health_({v1::MrMllmService::service_full_name(), v1::ModelService::service_full_name()}) {
  RpcContext context;
  context.models = &models_;
  context.decode_pool = &decode_pool;
  context.gate = &gate;
  context.clock = setup.clock;
  context.observer = &decodes_;
  context.tenant_key = setup.tenant_key;
  service_ = std::make_unique<MrMllmServiceImpl>(context);
  model_service_ = std::make_unique<ModelServiceImpl>(context);
  inference_service_ = std::make_unique<InferenceServiceImpl>(
      context, &health_, v1::MrMllmService::service_full_name());
  reflection_ = MakeReflectionServices(
      {v1::MrMllmService::service_full_name(), v1::ModelService::service_full_name(),
       inference::GRPCInferenceService::service_full_name(),
       grpc::health::v1::Health::service_full_name()},
      {});
  std::vector<grpc::Service*> services = {service_.get(), model_service_.get(),
                                          inference_service_.get(), &health_};
  for (const auto& service : reflection_) services.push_back(service.get());
  grpc_server_ = *GrpcServer::Start({.address = "127.0.0.1:0"}, services);
  health_.SetReadiness(true);
  channel_ = transport == Transport::kInProcess
                 ? grpc_server_->InProcessChannel()
                 : grpc::CreateChannel(absl::StrCat("127.0.0.1:", grpc_server_->port()),
                                       grpc::InsecureChannelCredentials());
}

TestServer::~TestServer() {
  engine.Release();
  health_.EndWatches();
  grpc_server_->Shutdown(absl::ZeroDuration());
  EXPECT_TRUE(gate.AwaitEmpty(Clock::Real(), absl::InfiniteFuture()));
  scheduler->Stop();
  EXPECT_EQ(engine.live_sequences(), 0);
  EXPECT_EQ(scheduler->admission().usage(), Admission::Usage());
  for (const std::string& violation : engine.violations()) ADD_FAILURE() << violation;
}

void TestServer::AwaitIdle() {
  gate.AwaitEmpty(Clock::Real(), absl::InfiniteFuture());
  scheduler->AwaitIdle(absl::InfiniteFuture());
}

void TestServer::AwaitInside(int count) {
  while (gate.inside() < count) Clock::Real()->Pause(absl::Milliseconds(1));
}

void TestServer::AwaitSubmitted(int count) {
  while (decodes_.count < count) Clock::Real()->Pause(absl::Milliseconds(1));
  // The last one is submitted by the decoding thread before it takes another job.
  absl::Notification decoded;
  decode_pool.Run([&] { decoded.Notify(); });
  decoded.WaitForNotification();
}

void TestServer::BeginDrain() {
  health_.SetReadiness(false);
  gate.Close();
}

bool TestServer::Drain() {
  const DrainSteps steps{
      .report_not_serving = [this] { health_.SetReadiness(false); },
      .refuse_new = [this] { gate.Close(); },
      .await_accepted = [this](absl::Time at) { return gate.AwaitEmpty(Clock::Real(), at); },
      .cancel_rest =
          [this](absl::Time) {
            scheduler->Stop();
            return true;
          },
      .shut_down =
          [this](absl::Duration grace) {
            health_.EndWatches();
            grpc_server_->Shutdown(grace);
          },
  };
  return mrmllm::Drain({.delay = absl::ZeroDuration()}, steps, Clock::Real()) ==
         DrainEnd::kComplete;
}

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  Detail detail;
  details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  ADD_FAILURE() << "no " << detail.GetTypeName() << " in " << details.ShortDebugString();
  return detail;
}

template google::rpc::BadRequest DetailOf<google::rpc::BadRequest>(const grpc::Status&);
template google::rpc::RetryInfo DetailOf<google::rpc::RetryInfo>(const grpc::Status&);
template google::rpc::ResourceInfo DetailOf<google::rpc::ResourceInfo>(const grpc::Status&);
template google::rpc::RequestInfo DetailOf<google::rpc::RequestInfo>(const grpc::Status&);

}  // namespace mrmllm
