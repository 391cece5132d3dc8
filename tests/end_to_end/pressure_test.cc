// SPDX-License-Identifier: Apache-2.0
// What happens to requests whose client leaves, whose time is up, or that find no room; and while
// the server drains.
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

constexpr char kQuestion[] = "Long?";

class PressureTest : public testing::TestWithParam<Transport> {
 protected:
  v1::AskRequest Ask() const {
    auto request = WithPicture<v1::AskRequest>(picture_);
    request.set_question(kQuestion);
    return request;
  }

  // Sends `request` on a thread; Join() has its status.
  struct Call {
    grpc::ClientContext context;
    v1::AskResponse reply;
    grpc::Status status;
    std::thread thread;

    grpc::Status Join() {
      thread.join();
      return status;
    }
  };
  std::unique_ptr<Call> Start(TestServer* server, const v1::AskRequest& request) {
    auto call = std::make_unique<Call>();
    call->thread = std::thread([call = call.get(), server, request] {
      call->status = server->NewStub()->Ask(&call->context, request, &call->reply);
    });
    return call;
  }

  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
};

INSTANTIATE_TEST_SUITE_P(Transports, PressureTest,
                         testing::Values(Transport::kTcp, Transport::kInProcess),
                         [](const auto& info) {
                           return info.param == Transport::kTcp ? "Tcp" : "InProcess";
                         });

TEST_P(PressureTest, CancellingWhileTheImageWaitsForDecodingLeavesNothingBehind) {
  TestServer server(GetParam());
  absl::Notification blocked, unblock;
  server.decode_pool.Run([&] {
    blocked.Notify();
    unblock.WaitForNotification();
  });
  blocked.WaitForNotification();
  auto call = Start(&server, Ask());
  server.AwaitInside(1);
  call->context.TryCancel();
  EXPECT_EQ(call->Join().error_code(), grpc::StatusCode::CANCELLED);
  unblock.Notify();
  server.AwaitIdle();
  EXPECT_EQ(server.engine.live_sequences(), 0);
  EXPECT_EQ(server.scheduler->admission().usage(), Admission::Usage());
}

TEST_P(PressureTest, CancellingInEachStepFreesTheSequence) {
  for (int steps_before = 0; steps_before < 4; ++steps_before) {
    TestServer server(GetParam());
    server.engine.SetAnswer(kQuestion, std::vector<std::string>(1000, "x "));
    server.engine.Hold();
    auto call = Start(&server, Ask());
    server.engine.AwaitHeld();
    for (int i = 0; i < steps_before; ++i) {
      server.engine.LetOnePass();
      server.engine.AwaitHeld();
    }
    call->context.TryCancel();
    EXPECT_EQ(call->Join().error_code(), grpc::StatusCode::CANCELLED);
    server.engine.Release();
    server.AwaitIdle();
    EXPECT_EQ(server.engine.live_sequences(), 0);
    EXPECT_EQ(server.scheduler->admission().usage(), Admission::Usage());
  }
}

TEST_P(PressureTest, CancellingAStreamFreesItsSequence) {
  TestServer server(GetParam());
  server.engine.SetAnswer(kQuestion, std::vector<std::string>(100'000, "x "));
  v1::AskStreamRequest request;
  *request.mutable_ask() = Ask();
  request.mutable_ask()->mutable_generation()->set_max_new_token_count(2048);
  grpc::ClientContext context;
  auto stub = server.NewStub();
  auto stream = stub->AskStream(&context, request);
  v1::AskStreamResponse message;
  ASSERT_TRUE(stream->Read(&message));
  context.TryCancel();
  while (stream->Read(&message)) continue;
  stream->Finish();
  server.AwaitIdle();
  EXPECT_EQ(server.engine.live_sequences(), 0);
}

TEST_P(PressureTest, AnExpiredDeadlineRunsNothing) {
  TestServer server(GetParam());
  auto call = std::make_unique<Call>();
  call->context.set_deadline(absl::ToChronoTime(Clock::Real()->Now() - absl::Seconds(1)));
  call->status = server.NewStub()->Ask(&call->context, Ask(), &call->reply);
  EXPECT_EQ(call->status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  server.AwaitIdle();
  EXPECT_TRUE(server.engine.steps().empty());
}

TEST_P(PressureTest, ADeadlineThatPassesInTheQueueEndsTheWait) {
  TestServer server(GetParam());
  server.engine.Hold();
  auto first = Start(&server, Ask());
  server.engine.AwaitHeld();
  auto request = Ask();
  request.set_question("too late");
  Call late;
  late.context.set_deadline(absl::ToChronoTime(Clock::Real()->Now() + absl::Milliseconds(100)));
  late.status = server.NewStub()->Ask(&late.context, request, &late.reply);
  EXPECT_EQ(late.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  server.engine.Release();
  EXPECT_TRUE(first->Join().ok());
  // The server's deadline is the client's plus the way there, so whether it had passed at the next
  // step is not ours to say; deadline_test does, with a clock of its own. Nothing is left of it.
  server.AwaitIdle();
  EXPECT_EQ(server.engine.live_sequences(), 0);
}

TEST_P(PressureTest, OverloadIsRefusedWithARetryDelayBeforeAnyDecoding) {
  TestServer server(GetParam(), {.admission = {.requests = 1}});
  server.engine.Hold();
  auto first = Start(&server, Ask());
  server.engine.AwaitHeld();
  v1::DetectResponse reply;
  grpc::ClientContext context;
  const grpc::Status status =
      server.NewStub()->Detect(&context, WithPicture<v1::DetectRequest>(picture_), &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  EXPECT_GT(delay.seconds() * 1'000'000'000 + delay.nanos(), 0);
  server.engine.Release();
  EXPECT_TRUE(first->Join().ok());
}

TEST_P(PressureTest, ARequestThatCanNeverFitIsInvalid) {
  TestServer server(GetParam(), {.admission = {.pixels = 10}});
  v1::DetectResponse reply;
  grpc::ClientContext context;
  EXPECT_EQ(server.NewStub()
                ->Detect(&context, WithPicture<v1::DetectRequest>(picture_), &reply)
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_P(PressureTest, ASlowReaderStallsNobodyAndLosesNothing) {
  TestServer server(GetParam());
  server.engine.SetAnswer(kQuestion, std::vector<std::string>(2000, std::string(1000, 'x')));
  v1::AskStreamRequest request;
  *request.mutable_ask() = Ask();
  request.mutable_ask()->mutable_generation()->set_max_new_token_count(2048);
  grpc::ClientContext context;
  auto stub = server.NewStub();
  auto stream = stub->AskStream(&context, request);
  v1::AskStreamResponse message;
  ASSERT_TRUE(stream->Read(&message));
  size_t size = message.text_delta().size();
  // The whole answer is generated, and others are served, while nobody reads.
  server.AwaitIdle();
  v1::DetectResponse reply;
  grpc::ClientContext other;
  EXPECT_TRUE(stub->Detect(&other, WithPicture<v1::DetectRequest>(picture_), &reply).ok());
  while (stream->Read(&message) && !message.has_summary()) size += message.text_delta().size();
  EXPECT_EQ(size, 2'000'000u);
  EXPECT_EQ(message.summary().answer().size(), size);
}

TEST_P(PressureTest, ADrainLosesNoAcceptedRequest) {
  TestServer server(GetParam());
  server.engine.Hold();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(Start(&server, Ask()));
  server.AwaitInside(5);
  bool complete = false;
  std::thread drain([&] { complete = server.Drain(); });
  server.engine.Release();
  for (auto& call : calls) EXPECT_TRUE(call->Join().ok());
  drain.join();
  EXPECT_TRUE(complete);
}

TEST_P(PressureTest, WhileDrainingNewRequestsAreUnavailable) {
  TestServer server(GetParam());
  server.gate.Close();
  grpc::ClientContext context;
  v1::AskResponse reply;
  EXPECT_EQ(server.NewStub()->Ask(&context, Ask(), &reply).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  grpc::ClientContext stream_context;
  auto stub = server.NewStub();
  auto stream = stub->DetectStream(&stream_context);
  v1::DetectStreamRequest frame;
  frame.mutable_image()->set_content(picture_);
  stream->Write(frame);
  v1::DetectStreamResponse frame_reply;
  EXPECT_FALSE(stream->Read(&frame_reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_P(PressureTest, MixedClientsAllGetTheirOwnAnswers) {
  TestServer server(GetParam());
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&server, client] {
      auto stub = server.NewStub();
      for (int i = 0; i < 20; ++i) {
        const int width = 10 + client * 20 + i;
        auto request = WithPicture<v1::PerceiveAndAnswerRequest>(EncodeRedGreen(".png", width, 8));
        request.set_question(absl::StrCat("q", width));
        grpc::ClientContext context;
        v1::PerceiveAndAnswerResponse reply;
        const grpc::Status status = stub->PerceiveAndAnswer(&context, request, &reply);
        ASSERT_TRUE(status.ok()) << status.error_message();
        EXPECT_EQ(reply.images(0).image().width(), width);
        EXPECT_EQ(reply.answer(), absl::StrCat("You asked: q", width));
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace mrmllm
