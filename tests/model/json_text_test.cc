// SPDX-License-Identifier: Apache-2.0
#include "model/json_text.h"

#include <nlohmann/json.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/config.h"
#include "model/text/tokenizer.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonTextTest, ParsesWhatIsJson) {
  const auto json = ParseJson(R"({"a": ["[\"[", 1]})");
  ASSERT_OK(json);
  EXPECT_EQ((*json)["a"][0], "[\"[");
}

TEST(JsonTextTest, RefusesWhatIsNot) {
  for (const char* text : {"", "{", "]", "[[", "\"", "\"\\", "{\"a\": nul}", "\xFF"}) {
    EXPECT_THAT(ParseJson(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected JSON")))
        << text;
  }
}

TEST(JsonTextTest, NestsAsDeepAsTheLimitAndNoDeeper) {
  EXPECT_OK(ParseJson(Nested(kMaxJsonDepth)));
  EXPECT_THAT(ParseJson(Nested(kMaxJsonDepth + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nested deeper than 64")));
}

TEST(JsonTextTest, BracketsInTextsDoNotNest) {
  EXPECT_OK(ParseJson("[\"" + std::string(1000, '[') + "\"]"));
}

// Showing such a value in an error message used to overflow the stack.
TEST(JsonTextTest, FilesOfABundleMayBeNestedAMillionDeep) {
  const std::string deep = "{\"format_version\": " + Nested(1'000'000) + "}";
  EXPECT_THAT(ModelConfig::Parse(deep), StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string model = "{\"model\": " + Nested(1'000'000) + "}";
  EXPECT_THAT(Tokenizer::Parse(model, "deep.json"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace mrmllm
