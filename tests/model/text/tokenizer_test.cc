// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TokenizerTest, MergesWithinWordsOnly) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson({{"a", "b"}, {"b", " "}}));
  EXPECT_THAT(tokenizer->Encode("ab b"), ElementsAre(kFirstMergeId, ByteId(' '), ByteId('b')));
}

TEST(TokenizerTest, NeverMakesSpecialTokensFromPlainText) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  EXPECT_EQ(tokenizer->Encode("<|im_end|>"), ByteIds("<|im_end|>"));
  EXPECT_THAT(tokenizer->EncodeWithSpecialTokens("<|im_end|>a"), ElementsAre(kEndId, ByteId('a')));
}

TEST(TokenizerTest, NeverMakesSpecialTokensWhenWholeWordsAreTaken) {
  nlohmann::json file = SmallTokenizerJson();
  file["model"]["ignore_merges"] = true;
  file["pre_tokenizer"]["use_regex"] = false;
  EXPECT_EQ(MakeTokenizer(file)->Encode("<|im_end|>"), ByteIds("<|im_end|>"));
}

TEST(TokenizerTest, MatchesOrdinaryAddedTokensInPlainText) {
  nlohmann::json file = SmallTokenizerJson();
  file["added_tokens"].push_back({{"id", 300}, {"content", "[box]"}, {"special", false}});
  const auto tokenizer = MakeTokenizer(file);
  EXPECT_THAT(tokenizer->Encode("a[box]"), ElementsAre(ByteId('a'), 300));
  EXPECT_EQ(tokenizer->Decode({300}), "[box]");
}

TEST(TokenizerTest, NormalizesToNfcWhereTheFileSaysSo) {
  nlohmann::json file = SmallTokenizerJson();
  EXPECT_EQ(MakeTokenizer(file)->Encode("e\u0301"), ByteIds("e\u0301"));
  file["normalizer"] = {{"type", "NFC"}};
  EXPECT_EQ(MakeTokenizer(file)->Encode("e\u0301"), ByteIds("\u00e9"));
}

TEST(TokenizerTest, ReplacesBrokenUtf8BeforeEncoding) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  EXPECT_EQ(tokenizer->Encode("a\xFF"), ByteIds("a\uFFFD"));
}

TEST(TokenizerTest, DecodesWithAndWithoutSpecialTokens) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  const std::vector<int32_t> ids = {kStartId, ByteId('h'), ByteId('i'), kEndId};
  EXPECT_EQ(tokenizer->Decode(ids), "hi");
  EXPECT_EQ(tokenizer->Decode(ids, /*skip_special_tokens=*/false), "<|im_start|>hi<|im_end|>");
}

TEST(TokenizerTest, DecodesBytesThatAreNoTextToTheReplacementCharacter) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  EXPECT_EQ(tokenizer->Decode(ByteIds("a\xE2\x82")), "a\uFFFD");
}

TEST(TokenizerTest, TreatsIdsOutsideTheVocabularyAsNothing) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  EXPECT_EQ(tokenizer->vocabulary_size(), 258);
  EXPECT_EQ(tokenizer->Piece(-1).text, "");
  EXPECT_EQ(tokenizer->Piece(258).text, "");
  EXPECT_FALSE(tokenizer->IsSpecial(258));
  EXPECT_EQ(tokenizer->Decode({-5, ByteId('a'), 1'000'000}), "a");
}

TEST(TokenizerTest, FindsSpecialTokensByName) {
  const auto tokenizer = MakeTokenizer(SmallTokenizerJson());
  EXPECT_EQ(tokenizer->TokenId("<|im_end|>").value(), kEndId);
  EXPECT_TRUE(tokenizer->IsSpecial(kEndId));
  EXPECT_THAT(tokenizer->TokenId("a").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'a'")));
}

TEST(TokenizerTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(Tokenizer::Load("no/such/tokenizer.json").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such/tokenizer.json")));
}

TEST(TokenizerTest, EncodesCharactersAndFallsBackToBytes) {
  const auto tokenizer =
      MakeTokenizer(CharacterTokenizerJson({"\u2581", "a", "b", "\u2581a"}, {{"\u2581", "a"}}));
  const int32_t space = kFirstPieceId;
  EXPECT_THAT(tokenizer->Encode("a b\n"),
              ElementsAre(space + 3, space, space + 2, CharacterByteId('\n')));
  EXPECT_EQ(tokenizer->Decode(tokenizer->Encode("a b\n\u00e9")), "a b\n\u00e9");
  EXPECT_EQ(tokenizer->Decode(tokenizer->Encode(" a")), " a");
  EXPECT_TRUE(tokenizer->Encode("").empty());
}

TEST(TokenizerTest, ControlTokensInPlainTextStayCharacters) {
  const auto tokenizer = MakeTokenizer(CharacterTokenizerJson({"\u2581", "<", "s", ">", "/"}));
  const int32_t space = kFirstPieceId;
  EXPECT_THAT(tokenizer->Encode("<s>"), ElementsAre(space, space + 1, space + 2, space + 3));
  EXPECT_THAT(tokenizer->EncodeWithSpecialTokens("<s>s"), ElementsAre(kBeginId, space, space + 2));
  for (const int32_t id : tokenizer->Encode("</s><unk><s>\n[INST]")) {
    EXPECT_FALSE(tokenizer->IsSpecial(id));
  }
}

TEST(TokenizerTest, PutsASpaceInFrontWhereTheFileSaysSo) {
  nlohmann::json file = CharacterTokenizerJson({"\u2581", "a"});
  const int32_t space = kFirstPieceId;
  const int32_t a = space + 1;
  EXPECT_THAT(MakeTokenizer(file)->Encode("a", /*begins_text=*/false), ElementsAre(space, a));
  file["normalizer"] = nullptr;
  file["pre_tokenizer"] = {
      {"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "first"}};
  const auto first = MakeTokenizer(file);
  EXPECT_THAT(first->Encode("a"), ElementsAre(space, a));
  EXPECT_THAT(first->Encode("a", /*begins_text=*/false), ElementsAre(a));
  EXPECT_THAT(first->EncodeWithSpecialTokens("a<s>a"), ElementsAre(space, a, kBeginId, a));
  file["pre_tokenizer"]["prepend_scheme"] = "always";
  EXPECT_THAT(MakeTokenizer(file)->EncodeWithSpecialTokens("<s>a"),
              ElementsAre(kBeginId, space, a));
  file["pre_tokenizer"]["prepend_scheme"] = "never";
  EXPECT_THAT(MakeTokenizer(file)->Encode("a"), ElementsAre(a));
}

TEST(TokenizerTest, ShowsATokenThatIsMatchedInNormalizedTextAsItIsFoundThere) {
  nlohmann::json file = CharacterTokenizerJson({"\u2581"});
  file["added_tokens"].push_back({{"id", 400}, {"content", "[x]"}, {"normalized", true}});
  const auto tokenizer = MakeTokenizer(file);
  EXPECT_THAT(tokenizer->Encode("[x]"), ElementsAre(400));
  EXPECT_EQ(tokenizer->Decode({400, 400}), "[x] [x]");
}

// SentencePiece's vocabularies take the whole text as one word.
TEST(TokenizerTest, EncodesAMillionLettersWithoutASpace) {
  const auto tokenizer = MakeTokenizer(
      CharacterTokenizerJson({"\u2581", "a", "aa", "aaaa"}, {{"a", "a"}, {"aa", "aa"}}));
  EXPECT_EQ(tokenizer->Encode(std::string(1'000'000, 'a')).size(), 1 + 250'000u);
}

}  // namespace
}  // namespace mrmllm
