// SPDX-License-Identifier: Apache-2.0
#include "model/text/added_tokens.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {

bool operator==(const TextSegment& a, const TextSegment& b) {
  return a.token_id == b.token_id && a.text == b.text;
}

namespace {

using testing::ElementsAre;

constexpr int32_t kPlain = TextSegment::kPlainText;

AddedToken Token(int32_t id, std::string content) {
  AddedToken token;
  token.id = id;
  token.content = std::move(content);
  return token;
}

TEST(AddedTokensTest, SplitsAtTokensAndKeepsWhatIsBetween) {
  const AddedTokens tokens({Token(7, "<a>")});
  EXPECT_THAT(tokens.Split("x<a><a>y", true),
              ElementsAre(TextSegment{kPlain, "x"}, TextSegment{7, "<a>"}, TextSegment{7, "<a>"},
                          TextSegment{kPlain, "y"}));
}

TEST(AddedTokensTest, PrefersTheLongestToken) {
  const AddedTokens tokens({Token(1, "<a"), Token(2, "<ab>")});
  EXPECT_THAT(tokens.Split("<ab><ac", true),
              ElementsAre(TextSegment{2, "<ab>"}, TextSegment{1, "<a"}, TextSegment{kPlain, "c"}));
}

TEST(AddedTokensTest, LeavesSpecialTokensPlainWhenTold) {
  AddedToken special = Token(1, "<s>");
  special.special = true;
  const AddedTokens tokens({special, Token(2, "[x]")});
  EXPECT_THAT(tokens.Split("<s>[x]", false),
              ElementsAre(TextSegment{kPlain, "<s>"}, TextSegment{2, "[x]"}));
}

TEST(AddedTokensTest, StripsWhiteSpaceOnTheSidesThatAreAsked) {
  AddedToken token = Token(1, "<m>");
  token.lstrip = true;
  token.rstrip = true;
  EXPECT_THAT(AddedTokens({token}).Split("a \u00a0<m>\n b", true),
              ElementsAre(TextSegment{kPlain, "a"}, TextSegment{1, " \u00a0<m>\n "},
                          TextSegment{kPlain, "b"}));
}

TEST(AddedTokensTest, FindsATokenOfWhiteSpaceAgainInWhatWasTaken) {
  AddedToken token = Token(1, "<m>");
  token.rstrip = true;
  EXPECT_THAT(
      AddedTokens({token, Token(2, "\t")}).Split("<m> \t b", true),
      ElementsAre(TextSegment{1, "<m> \t "}, TextSegment{2, "\t"}, TextSegment{kPlain, " b"}));
}

TEST(AddedTokensTest, SingleWordWantsNoWordCharacterBeside) {
  AddedToken token = Token(1, "cat");
  token.single_word = true;
  const AddedTokens tokens({token});
  EXPECT_THAT(tokens.Split("concat \u00e9cat cats", true),
              ElementsAre(TextSegment{kPlain, "concat \u00e9cat cats"}));
  EXPECT_THAT(
      tokens.Split("(cat)", true),
      ElementsAre(TextSegment{kPlain, "("}, TextSegment{1, "cat"}, TextSegment{kPlain, ")"}));
}

}  // namespace
}  // namespace mrmllm
