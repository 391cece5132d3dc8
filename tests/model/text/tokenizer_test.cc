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
  EXPECT_EQ(tokenizer->TokenBytes(-1), "");
  EXPECT_EQ(tokenizer->TokenBytes(258), "");
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

}  // namespace
}  // namespace mrmllm
