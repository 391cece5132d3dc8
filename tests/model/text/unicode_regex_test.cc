// SPDX-License-Identifier: Apache-2.0
#include "model/text/unicode_regex.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(UnicodeRegexTest, ReportsByteOffsets) {
  const UnicodeRegex letters = UnicodeRegex::Create("\\p{L}+").value();
  EXPECT_THAT(letters.FindAll("\u00e9t\u00e9 \U0001F600 \u4e2d"),
              ElementsAre(ByteRange{0, 5}, ByteRange{11, 14}));
}

TEST(UnicodeRegexTest, UnderstandsLookAhead) {
  const UnicodeRegex spaces = UnicodeRegex::Create("\\s+(?!\\S)").value();
  EXPECT_THAT(spaces.FindAll("a   b"), ElementsAre(ByteRange{1, 3}));
}

TEST(UnicodeRegexTest, MatchesAMegabyteOfOneClass) {
  const UnicodeRegex letters = UnicodeRegex::Create(" ?\\p{L}+").value();
  const std::string text(1 << 20, 'a');
  EXPECT_THAT(letters.FindAll(text), ElementsAre(ByteRange{0, text.size()}));
}

TEST(UnicodeRegexTest, NamesAPatternThatItCannotRead) {
  EXPECT_THAT(UnicodeRegex::Create("(a"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'(a'")));
}

}  // namespace
}  // namespace mrmllm
