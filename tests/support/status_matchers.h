// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define MRMLLM_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

// Matchers for absl::Status and absl::StatusOr, which the packaged abseil lacks.
//
//   EXPECT_THAT(status, IsOk());
//   EXPECT_THAT(result, IsOkAndHolds(3));
//   EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("pixels")));
namespace mrmllm {
namespace status_matchers_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace status_matchers_internal

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = status_matchers_internal::StatusOf(arg);
  if (!status.ok()) *result_listener << "which is " << status.ToString();
  return status.ok();
}

MATCHER_P2(StatusIs, code, message,
           "has code " + absl::StatusCodeToString(code) + " and a message that " +
               testing::DescribeMatcher<std::string>(message, negation)) {
  const absl::Status& status = status_matchers_internal::StatusOf(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         testing::Value(std::string(status.message()), testing::Matcher<std::string>(message));
}

inline auto StatusIs(absl::StatusCode code) { return StatusIs(code, testing::_); }

MATCHER_P(IsOkAndHolds, value, "is OK and holds a value that matches") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  using Value = typename std::decay_t<decltype(arg)>::value_type;
  return testing::SafeMatcherCast<const Value&>(value).MatchAndExplain(arg.value(),
                                                                       result_listener);
}

}  // namespace mrmllm

#define EXPECT_OK(expression) EXPECT_THAT(expression, ::mrmllm::IsOk())
#define ASSERT_OK(expression) ASSERT_THAT(expression, ::mrmllm::IsOk())

#endif  // MRMLLM_TESTS_SUPPORT_STATUS_MATCHERS_H_
