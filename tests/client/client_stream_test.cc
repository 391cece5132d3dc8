// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"
#include "gtest/gtest.h"
#include "tests/client/fake_service.h"
#include "tests/client/leaping_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

grpc::Status Down() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "down"); }

v1::AskStreamResponse Delta(const std::string& text) {
  v1::AskStreamResponse message;
  message.set_text_delta(text);
  return message;
}

v1::AskStreamResponse Summary(const std::string& answer) {
  v1::AskStreamResponse message;
  message.mutable_summary()->set_answer(answer);
  return message;
}

class ClientStreamTest : public testing::Test {
 protected:
  ClientStreamTest() : client_(*Client::Create({.clock = &clock_}, server_.Channel())) {}

  FakeService& service() { return server_.service; }
  AnswerCallbacks Collect() {
    return {.on_text = [this](absl::string_view text) {
      texts_.emplace_back(text);
      return true;
    }};
  }

  LeapingClock clock_;
  FakeServer server_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> texts_;
};

TEST_F(ClientStreamTest, HandsOverTextAsItComesAndReturnsTheSummary) {
  service().ask_stream = [](auto*, const auto&, auto* writer) {
    writer->Write(Delta("two "));
    writer->Write(Delta("dogs"));
    writer->Write(Summary("two dogs"));
    return grpc::Status::OK;
  };
  const auto response = client_->AskStream({}, Collect());
  ASSERT_OK(response);
  EXPECT_EQ(response->answer(), "two dogs");
  EXPECT_THAT(texts_, ElementsAre("two ", "dogs"));
}

TEST_F(ClientStreamTest, HandsOverTheBoxesFirst) {
  service().perceive_stream = [](auto*, const auto&, auto* writer) {
    v1::PerceiveAndAnswerStreamResponse message;
    message.mutable_perception()->add_images()->add_detections()->set_label("dog");
    writer->Write(message);
    message.set_text_delta("a dog");
    writer->Write(message);
    message.mutable_summary()->set_answer("a dog");
    writer->Write(message);
    return grpc::Status::OK;
  };
  std::vector<std::string> events;
  const auto response = client_->PerceiveAndAnswerStream(
      {}, {.on_perception =
               [&](const v1::PerceptionEvent& event) {
                 events.push_back(event.images(0).detections(0).label());
                 return true;
               },
           .on_text =
               [&](absl::string_view text) {
                 events.emplace_back(text);
                 return true;
               }});
  ASSERT_OK(response);
  EXPECT_THAT(events, ElementsAre("dog", "a dog"));
}

TEST_F(ClientStreamTest, IsRepeatedBeforeItsFirstMessage) {
  int calls = 0;
  service().ask_stream = [&](auto*, const auto&, auto* writer) {
    if (++calls < 3) return Down();
    writer->Write(Summary("at last"));
    return grpc::Status::OK;
  };
  EXPECT_OK(client_->AskStream({}, {}));
  EXPECT_EQ(calls, 3);
}

TEST_F(ClientStreamTest, IsNotRepeatedAfterItsFirstMessage) {
  int calls = 0;
  service().ask_stream = [&](auto*, const auto&, auto* writer) {
    ++calls;
    writer->Write(Delta("half an ans"));
    return Down();
  };
  EXPECT_THAT(client_->AskStream({}, Collect()), StatusIs(absl::StatusCode::kUnavailable, "down"));
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(texts_, ElementsAre("half an ans"));
}

TEST_F(ClientStreamTest, IsCancelledByItsCallback) {
  service().ask_stream = [](grpc::ServerContext*, const auto&, auto* writer) {
    while (writer->Write(Delta("on and on "))) continue;
    return grpc::Status::CANCELLED;
  };
  const auto response =
      client_->AskStream({}, {.on_text = [](absl::string_view) { return false; }});
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ClientStreamTest, MustNotEndWithoutItsSummary) {
  service().ask_stream = [](auto*, const auto&, auto* writer) {
    writer->Write(Delta("text"));
    return grpc::Status::OK;
  };
  EXPECT_THAT(client_->AskStream({}, {}), StatusIs(absl::StatusCode::kInternal));
}

// Gives the number of the frame as the result of each.
grpc::Status CountFrames(grpc::ServerContext*, FakeService::FrameStream* stream) {
  v1::DetectStreamRequest frame;
  for (int i = 0; stream->Read(&frame); ++i) {
    v1::DetectStreamResponse response;
    response.set_frame_index(i);
    if (!stream->Write(response)) break;
  }
  return grpc::Status::OK;
}

TEST_F(ClientStreamTest, BringsAResultForEveryFrame) {
  service().detect_stream = CountFrames;
  int left = 5;
  std::vector<int> indices;
  EXPECT_OK(client_->DetectStream({.next_frame = [&]() -> std::optional<v1::DetectStreamRequest> {
                                     if (left-- == 0) return std::nullopt;
                                     return v1::DetectStreamRequest();
                                   },
                                   .on_result =
                                       [&](const v1::DetectStreamResponse& response) {
                                         indices.push_back(
                                             static_cast<int>(response.frame_index()));
                                         return true;
                                       }}));
  EXPECT_THAT(indices, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(ClientStreamTest, EndsAnEndlessVideoWhenTheResultsAreNotWanted) {
  service().detect_stream = CountFrames;
  const absl::Status status = client_->DetectStream(
      {.next_frame = [] { return std::optional<v1::DetectStreamRequest>(std::in_place); },
       .on_result = [](const v1::DetectStreamResponse& r) { return r.frame_index() < 3; }});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace mrmllm
