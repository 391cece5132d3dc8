// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include "gtest/gtest.h"
#include "tests/client/fake_service.h"
#include "tests/client/leaping_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

class ClientTest : public testing::Test {
 protected:
  ClientTest()
      : client_(*Client::Create({.api_key = "key-1", .tenant = "team-7", .clock = &clock_},
                                server_.Channel())) {}

  FakeService& service() { return server_.service; }

  LeapingClock clock_;
  FakeServer server_;
  std::unique_ptr<Client> client_;
};

grpc::Status Down() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "loading"); }

std::string MetadataOf(const grpc::ServerContext& context, const std::string& key) {
  const auto it = context.client_metadata().find(key);
  return it == context.client_metadata().end() ? ""
                                               : std::string(it->second.data(), it->second.size());
}

// Holds a call until its client is gone.
grpc::Status HoldUntilCancelled(grpc::ServerContext* context) {
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  const auto cancelled = [context] { return context->IsCancelled(); };
  while (!mutex.AwaitWithTimeout(absl::Condition(&cancelled), absl::Milliseconds(2))) continue;
  return grpc::Status::CANCELLED;
}

TEST_F(ClientTest, SendsTheRequestAndReturnsTheResponse) {
  service().ask = [](auto*, const v1::AskRequest& request, v1::AskResponse* response) {
    response->set_answer("You asked: " + request.question());
    return grpc::Status::OK;
  };
  v1::AskRequest request;
  request.set_question("why?");
  const auto response = client_->Ask(request);
  ASSERT_OK(response);
  EXPECT_EQ(response->answer(), "You asked: why?");
}

TEST_F(ClientTest, SendsKeyTenantAndRequestIdAsMetadata) {
  std::string key;
  std::string tenant;
  std::string id;
  service().detect = [&](grpc::ServerContext* context, const auto&, auto*) {
    key = MetadataOf(*context, "x-api-key");
    tenant = MetadataOf(*context, "x-tenant");
    id = MetadataOf(*context, "x-request-id");
    return grpc::Status::OK;
  };
  ASSERT_OK(client_->Detect({}, {.request_id = "r-1"}));
  EXPECT_EQ(key, "key-1");
  EXPECT_EQ(tenant, "team-7");
  EXPECT_EQ(id, "r-1");
}

TEST_F(ClientTest, NamesNoTenantUnlessAsked) {
  bool any = true;
  service().detect = [&](grpc::ServerContext* context, const auto&, auto*) {
    any = context->client_metadata().count("x-tenant") > 0;
    return grpc::Status::OK;
  };
  ASSERT_OK((*Client::Create({}, server_.Channel()))->Detect({}));
  EXPECT_FALSE(any);
}

TEST_F(ClientTest, ReleasesImages) {
  service().release = [](auto*, const v1::ReleaseImagesRequest& request, auto* response) {
    response->set_released_count(request.image_ids_size() - 1);
    return grpc::Status::OK;
  };
  v1::ReleaseImagesRequest request;
  for (const std::string id : {"a", "b"}) request.add_image_ids(id);
  const auto response = client_->ReleaseImages(request);
  ASSERT_OK(response);
  EXPECT_EQ(response->released_count(), 1);
}

TEST_F(ClientTest, ComesBackToAServerThatIsUnavailable) {
  int calls = 0;
  service().detect = [&](auto*, const auto&, auto*) {
    return ++calls < 3 ? Down() : grpc::Status::OK;
  };
  EXPECT_OK(client_->Detect({}));
  EXPECT_EQ(calls, 3);
}

TEST_F(ClientTest, GivesUpAfterTheLastAttempt) {
  service().detect = [](auto*, const auto&, auto*) { return Down(); };
  EXPECT_THAT(client_->Detect({}),
              StatusIs(absl::StatusCode::kUnavailable, "loading (after 4 attempts)"));
}

TEST_F(ClientTest, ReportsARefusalAtOnceWithTheField) {
  int calls = 0;
  service().perceive = [&](auto*, const auto&, auto*) {
    ++calls;
    return RichStatus(grpc::StatusCode::INVALID_ARGUMENT, "invalid request",
                      BadField("question", "expected 1 to 8192 bytes, got 0"));
  };
  EXPECT_THAT(client_->PerceiveAndAnswer({}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("question: expected 1 to")));
  EXPECT_EQ(calls, 1);
}

TEST_F(ClientTest, EndsACallWhoseTimeIsUp) {
  service().detect = [](grpc::ServerContext* context, const auto&, auto*) {
    return HoldUntilCancelled(context);
  };
  EXPECT_THAT(client_->Detect({}, {.timeout = absl::Milliseconds(20)}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ClientTest, ListsTheModels) {
  service().models.add_models()->set_name("coco-135m");
  const auto response = client_->ListModels();
  ASSERT_OK(response);
  EXPECT_EQ(response->models(0).name(), "coco-135m");
}

TEST_F(ClientTest, TellsTheHealthOfAService) {
  server_.SetServing("a", true);
  server_.SetServing("b", false);
  EXPECT_THAT(client_->Health(""), IsOkAndHolds(ServingStatus::kServing));
  EXPECT_THAT(client_->Health("a"), IsOkAndHolds(ServingStatus::kServing));
  EXPECT_THAT(client_->Health("b"), IsOkAndHolds(ServingStatus::kNotServing));
  EXPECT_THAT(client_->Health("c"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ClientTest, WaitsNoLongerThanAskedForAServerThatIsNotReady) {
  server_.SetServing("a", false);
  const absl::Time start = clock_.Now();
  EXPECT_THAT(client_->WaitUntilServing("a", absl::Seconds(20)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("does not serve 'a' yet")));
  EXPECT_LE(clock_.Now() - start, absl::Seconds(20));
  EXPECT_GT(clock_.Now() - start, absl::Seconds(15));
}

TEST_F(ClientTest, SaysWhenThereIsNoServer) {
  const auto client = *Client::Create({.server_address = "127.0.0.1:1", .clock = &clock_});
  EXPECT_THAT(client->Detect({}), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ClientTest, SpeaksOverTcp) {
  const auto client = *Client::Create({.server_address = server_.address()});
  EXPECT_OK(client->Detect({}));
}

}  // namespace
}  // namespace mrmllm
