// SPDX-License-Identifier: Apache-2.0
// Urgency, deadlines that cannot be met, and images that several wait for, over a real channel.
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class CountingObserver : public SchedulerObserver {
 public:
  void OnSharedPerceptions(int images) override { shared += images; }
  std::atomic<int> shared = 0;
};

// The server's clock stands still but for the engine's steps, which take 100 s each: deadlines are
// far away for the real clock, and near for the server's.
class SchedulingTest : public testing::TestWithParam<Transport> {
 protected:
  SchedulingTest() {
    server_.engine.SetStepDuration(&clock_, absl::Seconds(100));
    server_.engine.SetAnswer("What?", {"a", " dog", " and", " a", " cat"});
  }
  ~SchedulingTest() override {
    server_.engine.Release();
    for (std::thread& thread : threads_) thread.join();
  }

  // Sends a picture of this width and waits until the scheduler has it. REQUIRES: a held engine.
  void SendPicture(int width, v1::Priority priority, const std::string& tenant = "") {
    threads_.emplace_back([=, this] {
      auto request = WithPicture<v1::DetectRequest>(EncodeRedGreen(".png", width, 8));
      request.mutable_scheduling()->set_priority(priority);
      grpc::ClientContext context;
      if (!tenant.empty()) context.AddMetadata("x-tenant", tenant);
      v1::DetectResponse reply;
      EXPECT_TRUE(server_.NewStub()->Detect(&context, request, &reply).ok());
    });
    server_.AwaitSubmitted(static_cast<int>(threads_.size()));
  }

  static v1::PerceiveAndAnswerRequest Question(int width) {
    auto request = WithPicture<v1::PerceiveAndAnswerRequest>(EncodeRedGreen(".png", width, 8));
    request.set_question("What?");
    return request;
  }
  // `within`: the deadline; InfiniteDuration(): none.
  grpc::Status Answer(const v1::PerceiveAndAnswerRequest& request, absl::Duration within,
                      v1::PerceiveAndAnswerResponse* reply) {
    grpc::ClientContext context;
    SetDeadline(within, &context);
    return server_.NewStub()->PerceiveAndAnswer(&context, request, reply);
  }
  static void SetDeadline(absl::Duration within, grpc::ClientContext* context) {
    if (within == absl::InfiniteDuration()) return;
    context->set_deadline(absl::ToChronoTime(Clock::Real()->Now() + within));
  }
  // Requests enough to show what steps cost: 100 s of each kind, and five tokens of answer.
  void Measure() {
    for (const int width : {100, 110, 120}) {
      v1::PerceiveAndAnswerResponse reply;
      ASSERT_TRUE(Answer(Question(width), absl::InfiniteDuration(), &reply).ok());
    }
    server_.AwaitIdle();
  }
  std::vector<int> WidthsInOrder() const {
    std::vector<int> widths;
    for (const auto& step : server_.engine.steps()) {
      for (const auto& [width, height] : step.images) widths.push_back(width);
    }
    return widths;
  }

  FakeClock clock_;
  CountingObserver observer_;
  TestServer server_{
      GetParam(),
      {.max_batch_images = 1, .max_running_sequences = 1, .priority_ageing = absl::Hours(1)},
      {.clock = &clock_, .observer = &observer_}};
  std::vector<std::thread> threads_;
};

INSTANTIATE_TEST_SUITE_P(Transports, SchedulingTest,
                         testing::Values(Transport::kTcp, Transport::kInProcess),
                         [](const auto& info) {
                           return info.param == Transport::kTcp ? "Tcp" : "InProcess";
                         });

TEST_P(SchedulingTest, UrgentRequestsGoFirst) {
  server_.engine.Hold();
  SendPicture(10, v1::PRIORITY_UNSPECIFIED);
  server_.engine.AwaitHeld();
  SendPicture(20, v1::PRIORITY_LOW);
  SendPicture(30, v1::PRIORITY_NORMAL);
  SendPicture(40, v1::PRIORITY_HIGH);
  server_.engine.LetOnePass();
  server_.engine.AwaitHeld();
  EXPECT_THAT(WidthsInOrder(), ElementsAre(10, 40));
  server_.engine.Release();
}

TEST_P(SchedulingTest, OnePictureThatSeveralWaitForIsPerceivedOnceForEachTenant) {
  server_.engine.Hold();
  SendPicture(10, v1::PRIORITY_NORMAL);
  server_.engine.AwaitHeld();
  SendPicture(20, v1::PRIORITY_NORMAL, "alice");
  SendPicture(20, v1::PRIORITY_NORMAL, "alice");
  SendPicture(20, v1::PRIORITY_NORMAL, "bob");
  server_.engine.Release();
  server_.AwaitIdle();
  EXPECT_THAT(WidthsInOrder(), ElementsAre(10, 20, 20));
  EXPECT_EQ(observer_.shared, 1);
}

TEST_P(SchedulingTest, ADeadlineThatLeavesNoTimeForTheAnswerIsRefusedAtOnce) {
  Measure();
  const size_t steps = server_.engine.steps().size();
  v1::PerceiveAndAnswerResponse reply;
  const grpc::Status status = Answer(Question(10), absl::Seconds(300), &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("even alone"));
  EXPECT_THAT(server_.engine.steps(), SizeIs(steps));
}

TEST_P(SchedulingTest, WhereItIsAllowedTheReplyComesWithoutItsAnswer) {
  Measure();
  server_.engine.SetDetections(10, 8, {{.label = "dog", .score = 0.9f}});
  auto request = Question(10);
  request.set_allow_degraded(true);
  v1::PerceiveAndAnswerResponse reply;
  const grpc::Status status = Answer(request, absl::Seconds(300), &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply.degradation(), v1::DEGRADATION_ANSWER_SKIPPED);
  EXPECT_EQ(reply.finish_reason(), v1::FINISH_REASON_UNSPECIFIED);
  EXPECT_EQ(reply.answer(), "");
  EXPECT_EQ(reply.images(0).detections_size(), 1);
  EXPECT_EQ(reply.grounding_size(), 0);
  // With time enough nothing is left out.
  ASSERT_TRUE(Answer(request, absl::Seconds(3000), &reply).ok());
  EXPECT_EQ(reply.degradation(), v1::DEGRADATION_NONE);
  EXPECT_EQ(reply.answer(), "a dog and a cat");
}

TEST_P(SchedulingTest, AStreamWithoutItsAnswerHasBoxesAndTheSummaryThatSaysSo) {
  Measure();
  v1::PerceiveAndAnswerStreamRequest request;
  *request.mutable_request() = Question(10);
  request.mutable_request()->set_allow_degraded(true);
  grpc::ClientContext context;
  SetDeadline(absl::Seconds(300), &context);
  auto stub = server_.NewStub();
  auto stream = stub->PerceiveAndAnswerStream(&context, request);
  v1::PerceiveAndAnswerStreamResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_TRUE(message.has_perception());
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.summary().degradation(), v1::DEGRADATION_ANSWER_SKIPPED);
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(SchedulingTest, ADeadlineThatTheQueueWouldMissIsRefusedWithARetryDelay) {
  Measure();
  server_.engine.Hold();
  threads_.emplace_back([this] {
    auto request = Question(20);
    request.mutable_scheduling()->set_priority(v1::PRIORITY_HIGH);
    v1::PerceiveAndAnswerResponse reply;
    EXPECT_TRUE(Answer(request, absl::InfiniteDuration(), &reply).ok());
  });
  server_.engine.AwaitHeld();
  v1::PerceiveAndAnswerResponse reply;
  const grpc::Status status = Answer(Question(10), absl::Seconds(600), &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("the work that is ahead"));
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  EXPECT_GT(delay.seconds() * 1'000'000'000 + delay.nanos(), 0);
  EXPECT_GT(server_.scheduler->PredictedQueueWait(), absl::ZeroDuration());
  server_.engine.Release();
}

TEST_P(SchedulingTest, AnUrgencyThatIsNoneIsNamedByItsField) {
  v1::AskStreamRequest request;
  request.mutable_ask()->set_question("What?");
  request.mutable_ask()->mutable_scheduling()->set_priority(static_cast<v1::Priority>(7));
  grpc::ClientContext context;
  auto stub = server_.NewStub();
  auto stream = stub->AskStream(&context, request);
  v1::AskStreamResponse message;
  EXPECT_FALSE(stream->Read(&message));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(),
            "ask.scheduling.priority");
}

}  // namespace
}  // namespace mrmllm
