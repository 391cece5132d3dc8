// SPDX-License-Identifier: Apache-2.0
#include "model/text/json_member.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(JsonMemberTest, AbsentMembersAreNull) {
  EXPECT_EQ(Member({{"a", 1}}, "a"), 1);
  EXPECT_TRUE(Member({{"a", 1}}, "b").is_null());
  EXPECT_TRUE(Member(json::array({1}), "a").is_null());
}

TEST(JsonMemberTest, ReadsBooleansAndTexts) {
  const json object = {{"yes", true}, {"none", nullptr}, {"text", "t"}, {"empty", ""}, {"one", 1}};
  EXPECT_TRUE(BoolMember(object, "w", "yes", false).value());
  EXPECT_TRUE(BoolMember(object, "w", "none", true).value());
  EXPECT_FALSE(BoolMember(object, "w", "absent", false).value());
  EXPECT_EQ(TextMember(object, "w", "text").value(), "t");
  EXPECT_THAT(BoolMember(object, "w", "one", true).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'w.one': expected a boolean, got 1")));
  EXPECT_THAT(TextMember(object, "w", "empty").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'w.empty'")));
  EXPECT_THAT(TextMember(object, "w", "absent").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got null")));
}

TEST(JsonMemberTest, CutsLongValues) {
  const absl::Status status = Unexpected("key", "less", std::string(1000, 'x'));
  EXPECT_THAT(status.message(), HasSubstr("xxx..."));
  EXPECT_LT(status.message().size(), 200u);
}

}  // namespace
}  // namespace mrmllm
