// SPDX-License-Identifier: Apache-2.0
#include "model/text/token_decoder.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

// What each piece completes, and at the end what Flush gives.
std::vector<std::string> Deltas(const DecodingRules& rules, const std::vector<TokenPiece>& pieces) {
  TokenDecoder decoder(rules);
  std::vector<std::string> deltas;
  for (const TokenPiece& piece : pieces) deltas.push_back(decoder.Append(piece));
  deltas.push_back(decoder.Flush());
  return deltas;
}

// The rules of a vocabulary of characters.
DecodingRules Characters(int strip_count = 0) {
  return {.byte_level = false, .stripped = " ", .strip_count = strip_count};
}

TokenPiece Byte(char byte) { return {std::string(1, byte), true}; }

TEST(TokenDecoderTest, ByteLevelHoldsBackUntilACharacterIsComplete) {
  EXPECT_THAT(Deltas({}, {{"a\xC3"}, {"\xA9\xE2"}, {"b\xF0"}}),
              ElementsAre("a", "\u00e9", "\ufffdb", "\ufffd"));
}

TEST(TokenDecoderTest, RunsOfBytesAreValidOrReplacedAsAWhole) {
  const DecodingRules rules = Characters();
  EXPECT_THAT(Deltas(rules, {Byte('\xC3'), Byte('\xA9'), Byte('!'), {"a"}}),
              ElementsAre("", "", "", "\u00e9!a", ""));
  EXPECT_THAT(Deltas(rules, {Byte('\xC3'), Byte('\xA9'), Byte('\xFF')}),
              ElementsAre("", "", "", "\ufffd\ufffd\ufffd"));
  EXPECT_THAT(Deltas(rules, {Byte('\xC3'), {"a"}, Byte('\xA9')}),
              ElementsAre("", "\ufffda", "", "\ufffd"));
}

TEST(TokenDecoderTest, AnEmptyPieceEndsNoRun) {
  EXPECT_THAT(Deltas(Characters(), {Byte('\xC3'), {}, Byte('\xA9')}),
              ElementsAre("", "", "", "\u00e9"));
}

TEST(TokenDecoderTest, StripsTheBeginningOfTheText) {
  const DecodingRules rules = Characters(/*strip_count=*/2);
  EXPECT_THAT(Deltas(rules, {{" "}, {"  a"}, {" b"}}), ElementsAre("", " a", " b", ""));
  EXPECT_THAT(Deltas(rules, {{" a"}, {" b"}}), ElementsAre("a", " b", ""));
  EXPECT_THAT(Deltas(rules, {Byte(' '), {"a"}}), ElementsAre("", "a", ""));
  EXPECT_THAT(Deltas(rules, {Byte(' '), Byte('b')}), ElementsAre("", "", "b"));
}

TEST(TokenDecoderTest, MetaspaceDropsTheSpacesOfTheFirstPiece) {
  DecodingRules rules = {.byte_level = false, .space_spelling = "_", .drop_in_first = true};
  EXPECT_THAT(Deltas(rules, {{"_a_"}, {"_b"}, {" c"}}), ElementsAre("a", " b", " c", ""));
  rules.drop_in_first = false;
  EXPECT_THAT(Deltas(rules, {{"_a"}}), ElementsAre(" a", ""));
}

TEST(TokenDecoderTest, FlushStartsAnew) {
  const DecodingRules rules = Characters(/*strip_count=*/1);
  TokenDecoder decoder(rules);
  EXPECT_EQ(decoder.Append({" a"}), "a");
  EXPECT_EQ(decoder.Flush(), "");
  EXPECT_EQ(decoder.Append({" a"}), "a");
}

}  // namespace
}  // namespace mrmllm
