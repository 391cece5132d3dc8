// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/grpc_status.h"

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ToGrpcStatusTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), "id").ok()); }

TEST(ToGrpcStatusTest, KeepsTheCodesOfTheContract) {
  const std::pair<absl::Status, grpc::StatusCode> table[] = {
      {absl::InvalidArgumentError("x"), grpc::StatusCode::INVALID_ARGUMENT},
      {absl::NotFoundError("x"), grpc::StatusCode::NOT_FOUND},
      {absl::FailedPreconditionError("x"), grpc::StatusCode::FAILED_PRECONDITION},
      {absl::ResourceExhaustedError("x"), grpc::StatusCode::RESOURCE_EXHAUSTED},
      {absl::UnavailableError("x"), grpc::StatusCode::UNAVAILABLE},
      {absl::DeadlineExceededError("x"), grpc::StatusCode::DEADLINE_EXCEEDED},
      {absl::CancelledError("x"), grpc::StatusCode::CANCELLED},
      {absl::UnauthenticatedError("x"), grpc::StatusCode::UNAUTHENTICATED},
      {absl::PermissionDeniedError("x"), grpc::StatusCode::PERMISSION_DENIED},
  };
  for (const auto& [status, code] : table) {
    EXPECT_EQ(ToGrpcStatus(status, "id").error_code(), code);
    EXPECT_EQ(ToGrpcStatus(status, "id").error_message(), "x");
  }
}

TEST(ToGrpcStatusTest, EveryOtherCodeIsABugThatOnlyTheLogExplains) {
  for (const absl::Status& status : {absl::InternalError("/secret"), absl::UnknownError("/secret"),
                                     absl::DataLossError("/secret")}) {
    const grpc::Status shown = ToGrpcStatus(status, "request-7");
    EXPECT_EQ(shown.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_THAT(shown.error_message(), Not(HasSubstr("secret")));
    EXPECT_THAT(shown.error_message(), HasSubstr("request-7"));
    google::rpc::Status details;
    google::rpc::RequestInfo info;
    ASSERT_TRUE(details.ParseFromString(shown.error_details()));
    ASSERT_TRUE(details.details(0).UnpackTo(&info));
    EXPECT_EQ(info.request_id(), "request-7");
  }
}

TEST(ToGrpcStatusTest, CutsTheText) {
  const absl::Status status = absl::InvalidArgumentError(std::string(5000, 'x'));
  EXPECT_EQ(ToGrpcStatus(status, "id").error_message().size(), kMaxErrorTextBytes);
}

TEST(ToGrpcStatusTest, DetailsStayWithinWhatClientsAcceptAsMetadata) {
  const std::vector<FieldViolation> many(100, {"field", std::string(10'000, 'x')});
  const grpc::Status shown = ToGrpcStatus(InvalidFields(many), "id");
  // Base 64 and the text beside it, against the 8 KiB that gRPC clients take by default.
  EXPECT_LT(shown.error_details().size() * 4 / 3 + 3 * shown.error_message().size(), 7500u);
}

TEST(ToRpcStatusTest, CarriesPayloadsAsDetails) {
  const auto status = ToRpcStatus(InvalidField("a", "expected 1, got 2"), "id");
  google::rpc::BadRequest bad_request;
  ASSERT_EQ(status.details_size(), 1);
  ASSERT_TRUE(status.details(0).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "a");
}

}  // namespace
}  // namespace mrmllm
