// SPDX-License-Identifier: Apache-2.0
#include "client/rpc_status.h"

#include "gtest/gtest.h"
#include "tests/client/fake_service.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

constexpr auto kBad = grpc::StatusCode::INVALID_ARGUMENT;

TEST(ToAbslStatusTest, KeepsCodeAndMessage) {
  EXPECT_OK(ToAbslStatus(grpc::Status::OK));
  EXPECT_THAT(ToAbslStatus(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who are you")),
              StatusIs(absl::StatusCode::kUnauthenticated, "who are you"));
}

TEST(ToAbslStatusTest, NamesTheFieldsAtFault) {
  const grpc::Status status =
      RichStatus(kBad, "invalid request", BadField("generation.top_p", "expected (0, 1], got 3"));
  EXPECT_THAT(ToAbslStatus(status),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "invalid request; generation.top_p: expected (0, 1], got 3"));
}

TEST(ToAbslStatusTest, DoesNotSayTwiceWhatTheMessageSays) {
  const grpc::Status status =
      RichStatus(kBad, "top_p: expected (0, 1]", BadField("top_p", "expected (0, 1]"));
  EXPECT_EQ(ToAbslStatus(status).message(), "top_p: expected (0, 1]");
}

TEST(ToAbslStatusTest, TellsTheRequestId) {
  google::rpc::RequestInfo info;
  info.set_request_id("r-17");
  const grpc::Status status = RichStatus(grpc::StatusCode::INTERNAL, "a bug", info);
  EXPECT_EQ(ToAbslStatus(status).message(), "a bug (request id r-17)");
}

TEST(ToAbslStatusTest, CarriesTheDetailsAsPayloads) {
  const absl::Status status =
      ToAbslStatus(RichStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "full", RetryAfterSeconds(3)));
  EXPECT_EQ(RetryInfoOf(status), absl::Seconds(3));
  EXPECT_EQ(RetryInfoOf(absl::ResourceExhaustedError("full")), std::nullopt);
}

TEST(ToAbslStatusTest, SurvivesDetailsThatDoNotParse) {
  EXPECT_THAT(ToAbslStatus(grpc::Status(kBad, "plain", "\xFF\xFF no message")),
              StatusIs(absl::StatusCode::kInvalidArgument, "plain"));
}

TEST(ToAbslStatusTest, MakesAnUnheardOfCodeUnknown) {
  google::rpc::Status status;
  status.set_code(99);
  EXPECT_THAT(ToAbslStatus(status), StatusIs(absl::StatusCode::kUnknown));
}

}  // namespace
}  // namespace mrmllm
