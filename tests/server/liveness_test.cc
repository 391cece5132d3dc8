// SPDX-License-Identifier: Apache-2.0
//
// What a probe sees of a whole server when an executor stops in the middle of a step: liveness
// ends, and comes back with it, while everything that needs no executor still answers.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kStall = absl::Seconds(8);

class LivenessTest : public testing::Test {
 protected:
  void Start(int engine_count) {
    ServerConfig config;
    config.server_address = "127.0.0.1:0";
    config.metrics_address = "";
    config.health_stall_timeout = kStall;
    std::vector<std::unique_ptr<Engine>> engines;
    for (int i = 0; i < engine_count; ++i) {
      auto engine = std::make_unique<FakeEngine>();
      engines_.push_back(engine.get());
      engines.push_back(std::move(engine));
    }
    auto server = Server::Start(config, std::move(engines), &metrics_, &clock_, {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    watch_ = Health::NewStub(channel_)->Watch(&watch_context_, HealthCheckRequest());
    EXPECT_EQ(NextLiveness(), HealthCheckResponse::SERVING);
  }
  void TearDown() override {
    watch_context_.TryCancel();
    watch_->Finish();
  }

  HealthCheckResponse::ServingStatus NextLiveness() {
    HealthCheckResponse response;
    EXPECT_TRUE(watch_->Read(&response));
    return response.status();
  }
  grpc::Status Ask(const std::string& question) {
    grpc::ClientContext context;
    v1::AskRequest request;
    request.set_question(question);
    v1::AskResponse response;
    return v1::MrMllmService::NewStub(channel_)->Ask(&context, request, &response);
  }
  bool ListsModels() {
    grpc::ClientContext context;
    v1::ListModelsResponse response;
    return v1::ModelService::NewStub(channel_)->ListModels(&context, {}, &response).ok() &&
           response.models_size() == 1;
  }
  // The monitor looks once in each second that goes by.
  void LetPass(absl::Duration duration) {
    for (; duration > absl::ZeroDuration(); duration -= absl::Seconds(1)) {
      clock_.BlockUntilWaiters(1);
      clock_.Advance(absl::Seconds(1));
    }
  }

  FakeClock clock_;
  Metrics metrics_;
  std::vector<FakeEngine*> engines_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext watch_context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> watch_;
};

TEST_F(LivenessTest, EndsWithAnExecutorThatHangsAndComesBackWithIt) {
  Start(1);
  engines_[0]->Hold();
  grpc::Status answer;
  std::thread caller([&] { answer = Ask("Who?"); });
  engines_[0]->AwaitHeld();
  LetPass(kStall + absl::Seconds(1));
  EXPECT_EQ(NextLiveness(), HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(ListsModels());

  engines_[0]->Release();
  caller.join();
  EXPECT_TRUE(answer.ok()) << answer.error_message();
  LetPass(absl::Seconds(1));
  EXPECT_EQ(NextLiveness(), HealthCheckResponse::SERVING);
}

TEST_F(LivenessTest, ADrainDoesNotWaitForAnExecutorThatHangs) {
  Start(1);
  engines_[0]->Hold();
  grpc::Status answer;
  std::thread caller([&] { answer = Ask("Who?"); });
  engines_[0]->AwaitHeld();
  std::atomic<bool> over = false;
  DrainEnd end = DrainEnd::kComplete;
  std::thread drain([&] {
    end = server_->Drain();
    over = true;
  });
  while (!over) LetPass(absl::Seconds(1));
  drain.join();
  EXPECT_EQ(end, DrainEnd::kStuck);

  engines_[0]->Release();
  caller.join();
  // The step that was held may have been the answer's last one.
  EXPECT_TRUE(answer.ok() || answer.error_code() == grpc::StatusCode::UNAVAILABLE)
      << answer.error_message();
}

TEST_F(LivenessTest, AHealthyEngineDoesNotHideOneThatHangs) {
  Start(2);
  engines_[0]->Hold();
  grpc::Status answer;
  std::thread caller([&] { answer = Ask("Who?"); });
  engines_[0]->AwaitHeld();
  LetPass(kStall / 2);
  EXPECT_TRUE(Ask("And who else?").ok());  // the other one answers
  LetPass(kStall / 2 + absl::Seconds(1));
  EXPECT_EQ(NextLiveness(), HealthCheckResponse::NOT_SERVING);
  engines_[0]->Release();
  caller.join();
  EXPECT_TRUE(answer.ok()) << answer.error_message();
  LetPass(absl::Seconds(1));
  EXPECT_EQ(NextLiveness(), HealthCheckResponse::SERVING);
}

TEST_F(LivenessTest, AServerWithNothingToDoIsAlive) {
  Start(1);
  LetPass(kStall + absl::Seconds(1));
  clock_.BlockUntilWaiters(1);
  grpc::ClientContext context;
  HealthCheckResponse response;
  ASSERT_TRUE(Health::NewStub(channel_)->Check(&context, HealthCheckRequest(), &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

}  // namespace
}  // namespace mrmllm
