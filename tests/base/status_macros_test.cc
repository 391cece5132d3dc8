// SPDX-License-Identifier: Apache-2.0
#include "base/status_macros.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

absl::StatusOr<std::string> Repeat(absl::Status first, absl::StatusOr<std::string> text) {
  RETURN_IF_ERROR(first);
  ASSIGN_OR_RETURN(std::string once, text);
  std::string twice;
  ASSIGN_OR_RETURN(twice, absl::StatusOr<std::string>(once + once));
  return twice;
}

TEST(StatusMacrosTest, GoOnWhenAllIsWell) {
  EXPECT_THAT(Repeat(absl::OkStatus(), std::string("ab")), IsOkAndHolds("abab"));
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  const absl::Status error = absl::NotFoundError("first");
  EXPECT_EQ(Repeat(error, absl::InternalError("second")).status(), error);
  EXPECT_EQ(Repeat(absl::OkStatus(), absl::InternalError("second")).status(),
            absl::InternalError("second"));
}

TEST(StatusMacrosTest, AssignWhatCanOnlyBeMoved) {
  auto unwrap = [](absl::StatusOr<std::unique_ptr<int>> source) -> absl::StatusOr<int> {
    ASSIGN_OR_RETURN(std::unique_ptr<int> value, std::move(source));
    return *value;
  };
  EXPECT_THAT(unwrap(std::make_unique<int>(7)), IsOkAndHolds(7));
}

}  // namespace
}  // namespace mrmllm
