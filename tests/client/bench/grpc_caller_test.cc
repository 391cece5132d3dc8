// SPDX-License-Identifier: Apache-2.0
#include "client/bench/grpc_caller.h"

#include <map>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_service.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

class GrpcCallerTest : public testing::Test {
 protected:
  std::unique_ptr<GrpcCaller> NewCaller(GrpcCaller::Settings settings = {}) {
    std::vector<std::unique_ptr<Client>> clients;
    clients.push_back(*Client::Create({}, server_.Channel()));
    return std::make_unique<GrpcCaller>(std::move(clients), Clock::Real(), std::move(settings));
  }

  static Reply Call(GrpcCaller* caller, Query query) {
    Reply reply;
    absl::Notification ended;
    caller->Start(std::move(query), [&](Reply r) {
      reply = std::move(r);
      ended.Notify();
    });
    ended.WaitForNotification();
    return reply;
  }

  FakeServer server_;
};

TEST_F(GrpcCallerTest, DetectSendsThePicture) {
  std::string content;
  server_.service.detect = [&](auto*, const v1::DetectRequest& request, auto* response) {
    content = request.images(0).content();
    response->add_images()->mutable_image()->set_cached(true);
    return grpc::Status::OK;
  };
  const Reply reply = Call(NewCaller().get(), {Rpc::kDetect, "picture", "unused"});
  EXPECT_OK(reply.status);
  EXPECT_TRUE(reply.cached);
  EXPECT_FALSE(reply.first_text.has_value());
  EXPECT_EQ(content, "picture");
}

TEST_F(GrpcCallerTest, AskTimesTheFirstPieceAndTakesTheTokensOfTheSummary) {
  v1::AskRequest got;
  server_.service.ask_stream = [&](auto*, const v1::AskStreamRequest& request, auto* writer) {
    got = request.ask();
    v1::AskStreamResponse message;
    message.set_text_delta("two ");
    writer->Write(message);
    message.mutable_summary()->mutable_usage()->set_answer_token_count(5);
    writer->Write(message);
    return grpc::Status::OK;
  };
  GrpcCaller::Settings settings;
  settings.generation.set_max_new_token_count(9);
  settings.scheduling.set_priority(v1::PRIORITY_LOW);
  const Reply reply = Call(NewCaller(settings).get(), {Rpc::kAsk, "picture", "How many?"});
  EXPECT_OK(reply.status);
  ASSERT_TRUE(reply.first_text.has_value());
  EXPECT_LE(*reply.first_text, reply.ended);
  EXPECT_EQ(reply.answer_tokens, 5);
  EXPECT_EQ(got.question(), "How many?");
  EXPECT_EQ(got.generation().max_new_token_count(), 9);
  EXPECT_EQ(got.scheduling().priority(), v1::PRIORITY_LOW);
}

TEST_F(GrpcCallerTest, PerceiveTimesTheBoxesToo) {
  bool may_degrade = false;
  server_.service.perceive_stream = [&](auto*, const auto& request, auto* writer) {
    may_degrade = request.request().allow_degraded();
    v1::PerceiveAndAnswerStreamResponse message;
    message.mutable_perception();
    writer->Write(message);
    message.mutable_summary()->set_degradation(v1::DEGRADATION_ANSWER_SKIPPED);
    writer->Write(message);
    return grpc::Status::OK;
  };
  const Reply reply =
      Call(NewCaller({.allow_degraded = true}).get(), {Rpc::kPerceive, "picture", "?"});
  EXPECT_OK(reply.status);
  EXPECT_TRUE(reply.first_boxes.has_value());
  EXPECT_TRUE(reply.degraded);
  EXPECT_TRUE(may_degrade);
}

TEST_F(GrpcCallerTest, ReportsTheServersErrorAndDoesNotTryAgain) {
  int calls = 0;
  server_.service.ask_stream = [&](auto*, const auto&, auto*) {
    ++calls;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  };
  EXPECT_THAT(Call(NewCaller().get(), {Rpc::kAsk, "picture", "?"}).status,
              StatusIs(absl::StatusCode::kUnavailable, "draining"));
  EXPECT_EQ(calls, 1);
}

TEST_F(GrpcCallerTest, AStreamWithoutItsSummaryIsAFailure) {
  server_.service.ask_stream = [](auto*, const auto&, auto*) { return grpc::Status::OK; };
  EXPECT_THAT(Call(NewCaller().get(), {Rpc::kAsk, "picture", "?"}).status,
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(GrpcCallerTest, CancelAllEndsWhatIsUnderWayAndWhatComesLater) {
  absl::Notification inside;
  server_.service.ask_stream = [&](grpc::ServerContext* context, const auto&, auto* writer) {
    inside.Notify();
    v1::AskStreamResponse message;
    message.set_text_delta("on and on ");
    while (writer->Write(message)) continue;
    return context->IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK;
  };
  const std::unique_ptr<GrpcCaller> caller = NewCaller();
  absl::Notification ended;
  Reply reply;
  caller->Start({Rpc::kAsk, "picture", "?"}, [&](Reply r) {
    reply = std::move(r);
    ended.Notify();
  });
  inside.WaitForNotification();
  caller->CancelAll();
  ended.WaitForNotification();
  EXPECT_THAT(reply.status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Call(caller.get(), {Rpc::kDetect, "picture", ""}).status,
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(GrpcCallerTest, SpreadsRequestsOverItsConnections) {
  absl::Mutex mutex;
  std::map<std::string, int> peers;
  server_.service.detect = [&](grpc::ServerContext* context, const auto&, auto*) {
    absl::MutexLock lock(&mutex);
    ++peers[context->peer()];
    return grpc::Status::OK;
  };
  const auto caller = *GrpcCaller::Connect({.server_address = server_.address()}, 3, {});
  for (int i = 0; i < 9; ++i) EXPECT_OK(Call(caller.get(), {Rpc::kDetect, "picture", ""}).status);
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(peers.size(), 3u);
  for (const auto& [peer, calls] : peers) EXPECT_EQ(calls, 3) << peer;
}

}  // namespace
}  // namespace mrmllm
