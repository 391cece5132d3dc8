// SPDX-License-Identifier: Apache-2.0
#include "client/cli/exit_code.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

ExitCode Tally(std::initializer_list<ExitCode> codes) {
  ExitTally tally;
  for (const ExitCode code : codes) tally.Add(code);
  return tally.Result();
}

TEST(ExitCodeTest, TellsKindsOfFailureApart) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kRefused);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), ExitCode::kRefused);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), ExitCode::kTimeout);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), ExitCode::kServerError);
}

TEST(ExitCodeTest, KnowsAFailureOnThisSide) {
  EXPECT_EQ(ExitCodeOf(OnThisSide(absl::PermissionDeniedError(""))), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(OnThisSide(absl::OkStatus())), ExitCode::kOk);
}

TEST(ExitTallyTest, IsOkOnlyWhenAllAre) {
  EXPECT_EQ(Tally({}), ExitCode::kOk);
  EXPECT_EQ(Tally({ExitCode::kOk, ExitCode::kOk}), ExitCode::kOk);
  EXPECT_EQ(Tally({ExitCode::kOk, ExitCode::kRefused}), ExitCode::kSomeFailed);
}

TEST(ExitTallyTest, GivesTheFirstReasonWhenAllFailed) {
  EXPECT_EQ(Tally({ExitCode::kRefused, ExitCode::kUsage}), ExitCode::kRefused);
}

}  // namespace
}  // namespace mrmllm
