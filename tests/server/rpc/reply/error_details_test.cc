// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/error_details.h"

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload("type.googleapis.com/" + detail.GetTypeName());
  EXPECT_TRUE(payload.has_value());
  if (payload.has_value()) detail.ParseFromString(std::string(*payload));
  return detail;
}

TEST(InvalidFieldsTest, NamesEveryFieldInTheDetails) {
  const absl::Status status = InvalidFields({{"a", "expected 1, got 2"}, {"b", "expected 3"}});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::Eq("a: expected 1, got 2 (and 1 more)")));
  const auto detail = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(detail.field_violations_size(), 2);
  EXPECT_EQ(detail.field_violations(1).field(), "b");
  EXPECT_EQ(detail.field_violations(1).description(), "expected 3");
}

TEST(InvalidFieldsTest, ListsOnlySoManyAndCutsLongOnes) {
  const std::vector<FieldViolation> many(100, {"field", std::string(10'000, 'x')});
  const auto detail = DetailOf<google::rpc::BadRequest>(InvalidFields(many));
  EXPECT_EQ(detail.field_violations_size(), static_cast<int>(kMaxListedViolations));
  EXPECT_EQ(detail.field_violations(0).description().size(), kMaxViolationTextBytes);
}

TEST(WithRetryInfoTest, TellsTheDelay) {
  const absl::Status status =
      WithRetryInfo(absl::ResourceExhaustedError("full"), absl::Milliseconds(1250));
  const auto detail = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_EQ(detail.retry_delay().seconds(), 1);
  EXPECT_EQ(detail.retry_delay().nanos(), 250'000'000);
}

TEST(ResourceNotFoundTest, NamesTheResource) {
  const absl::Status status = ResourceNotFound("image_id", "abc", "it has expired");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, testing::Eq("it has expired")));
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "abc");
}

TEST(QuotedTest, EscapesAndCuts) {
  EXPECT_EQ(Quoted("dog"), "'dog'");
  EXPECT_EQ(Quoted("a\nb"), "'a\\nb'");
  EXPECT_EQ(Quoted("abcdef", 3), "'abc...'");
}

TEST(CutTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("abcd", 3), "abc");
  EXPECT_EQ(CutText("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(CutText("\xF0\x9F\x90\xB6", 3), "");
}

}  // namespace
}  // namespace mrmllm
