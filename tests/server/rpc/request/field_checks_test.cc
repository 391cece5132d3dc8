// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/field_checks.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

TEST(FieldChecksTest, NothingWrongIsOk) {
  FieldChecks checks;
  EXPECT_EQ(checks.InRange("a", 3, 1, 3), 3);
  EXPECT_TRUE(checks.ok());
  EXPECT_OK(checks.ToStatus());
}

TEST(FieldChecksTest, MessagesNameFieldExpectationAndValue) {
  FieldChecks checks("ask.");
  checks.InRange("top_k", 7, 0, 5);
  EXPECT_THAT(checks.ToStatus(),
              StatusIs(absl::StatusCode::kInvalidArgument, "ask.top_k: expected 0 to 5, got 7"));
}

TEST(FieldChecksTest, HalfOpenIntervalsLeaveTheirLowEndOut) {
  FieldChecks checks;
  checks.NumberInRange("p", 0.0f, 0.0f, 1.0f, /*open=*/true);
  EXPECT_THAT(checks.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument,
                                          "p: expected a number in (0, 1], got 0"));
}

TEST(FieldChecksTest, CountsSeveralViolations) {
  FieldChecks checks;
  checks.CountInRange("stop", 9, 0, 8, "strings");
  checks.LengthInRange("question", "", 1, 10);
  EXPECT_THAT(checks.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument,
                                          "stop: expected at most 8 strings, got 9 (and 1 more)"));
}

}  // namespace
}  // namespace mrmllm
