// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer_json.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

struct BadFile {
  const char* key;
  json value;
  const char* in_message;
};

class TokenizerJsonRefusalTest : public testing::TestWithParam<BadFile> {};

TEST_P(TokenizerJsonRefusalTest, NamesFileKeyAndValue) {
  json file = SmallTokenizerJson({{"a", "b"}});
  file[json::json_pointer(GetParam().key)] = GetParam().value;
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "some/tokenizer.json").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("some/tokenizer.json"), HasSubstr(GetParam().in_message))));
}

INSTANTIATE_TEST_SUITE_P(
    Values, TokenizerJsonRefusalTest,
    testing::Values(BadFile{"/model/type", "WordPiece",
                            "'model.type': expected BPE, got \"WordPiece\""},
                    BadFile{"/model/dropout", 0.1, "model.dropout"},
                    BadFile{"/model/byte_fallback", true, "model.byte_fallback"},
                    BadFile{"/model/end_of_word_suffix", "</w>", "model.end_of_word_suffix"},
                    BadFile{"/model/vocab", json::array(), "model.vocab"},
                    BadFile{"/model/vocab/a", -1, "model.vocab[\"a\"]"},
                    BadFile{"/model/merges", 7, "model.merges"},
                    BadFile{"/model/merges/0", "ab", "model.merges[0]"},
                    BadFile{"/model/merges/0", "a zz", "model.merges[0]"},
                    BadFile{"/normalizer", {{"type", "Lowercase"}}, "Lowercase"},
                    BadFile{"/decoder", {{"type", "WordPiece"}}, "decoder"},
                    BadFile{"/pre_tokenizer", {{"type", "Whitespace"}}, "Whitespace"},
                    BadFile{"/pre_tokenizer", nullptr, "as pre_tokenizer is not ByteLevel"},
                    BadFile{"/decoder", {{"type", "Metaspace"}, {"replacement", "_"}}, "'decoder'"},
                    BadFile{"/pre_tokenizer/use_regex", "yes", "pre_tokenizer.use_regex"},
                    BadFile{"/added_tokens/0/content", "", "added_tokens[0].content"},
                    BadFile{"/added_tokens/0/id", "0", "added_tokens[0].id"},
                    BadFile{"/added_tokens/1/id", 0, "added_tokens[1].id"},
                    BadFile{"/added_tokens/1/lstrip", 3, "added_tokens[1].lstrip"}));

TEST(TokenizerJsonTest, RefusesTextThatIsNotJson) {
  EXPECT_THAT(ParseTokenizerJson("{\"model\":", "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected JSON")));
  EXPECT_THAT(ParseTokenizerJson("[]", "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("JSON object")));
}

TEST(TokenizerJsonTest, RefusesAMergeThatWouldMakeASpecialToken) {
  json file = SmallTokenizerJson({{"<", "s"}, {"<s", ">"}});
  file["added_tokens"].push_back({{"id", 259}, {"content", "<s>"}, {"special", true}});
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.merges[1]")));
}

TEST(TokenizerJsonTest, RefusesByteLevelBeforeTheEnd) {
  json file = SmallTokenizerJson();
  file["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", {{{"type", "ByteLevel"}}, {{"type", "ByteLevel"}}}}};
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("pretokenizers[0].type")));
}

TEST(TokenizerJsonTest, RefusesAnUnknownTokenForMissingBytes) {
  json file = SmallTokenizerJson();
  file["model"]["vocab"].erase("!");
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f"), IsOk());
  file["model"]["unk_token"] = "<unk>";
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.unk_token")));
}

TEST(TokenizerJsonTest, ReadsMergesAsPairs) {
  json file = SmallTokenizerJson({{"a", "b"}});
  const size_t from_strings = ParseTokenizerJson(file.dump(), "f")->merges.size();
  file["model"]["merges"] = json::array({json::array({"a", "b"})});
  const absl::StatusOr<TokenizerJson> from_pairs = ParseTokenizerJson(file.dump(), "f");
  ASSERT_THAT(from_pairs, IsOk());
  EXPECT_EQ(from_pairs->merges.size(), from_strings);
  EXPECT_EQ(from_pairs->merges[0].merged, kFirstMergeId);
}

TEST(TokenizerJsonTest, RefusesATokenOfWhichNormalizationLeavesNothing) {
  json file = SmallTokenizerJson();
  file["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", "-"}}}, {"content", ""}};
  file["added_tokens"].push_back({{"id", 300}, {"content", "--"}, {"normalized", true}});
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("added_tokens[2].content")));
}

TEST(TokenizerJsonTest, ReadsAVocabularyOfCharacters) {
  const absl::StatusOr<TokenizerJson> parsed =
      ParseTokenizerJson(CharacterTokenizerJson({"\u00e9", "ab"}).dump(), "f");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->base_tokens.of_byte[0x0A], CharacterByteId('\n'));
  EXPECT_EQ(parsed->base_tokens.of_character->at(U'\u00e9'), kFirstPieceId);
  EXPECT_FALSE(parsed->base_tokens.of_character->contains(U'a'));
  EXPECT_TRUE(parsed->pieces[CharacterByteId('\n')].is_single_byte);
  EXPECT_EQ(parsed->pieces[CharacterByteId('\n')].text, "\n");
}

TEST(TokenizerJsonTest, RefusesAnUnknownTokenWhereCharactersMayBeUnknown) {
  json file = CharacterTokenizerJson({"a"});
  file["model"]["vocab"].erase("<0xFF>");
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.unk_token")));
  file["model"]["unk_token"] = nullptr;
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f"), IsOk());
  file = CharacterTokenizerJson({"a"});
  file["model"]["byte_fallback"] = false;
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.byte_fallback")));
}

// A byte or a character that is a special token must not come out of plain text.
TEST(TokenizerJsonTest, TakesNoSpecialTokenForAByteOrACharacter) {
  json file = CharacterTokenizerJson({"a", "b"});
  file["added_tokens"].push_back(
      {{"id", kFirstPieceId}, {"content", "a"}, {"special", true}, {"normalized", false}});
  const absl::StatusOr<TokenizerJson> parsed = ParseTokenizerJson(file.dump(), "f");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_FALSE(parsed->base_tokens.of_character->contains(U'a'));
  EXPECT_TRUE(parsed->base_tokens.of_character->contains(U'b'));
  file["added_tokens"].push_back({{"id", CharacterByteId('x')},
                                  {"content", "<0x78>"},
                                  {"special", true},
                                  {"normalized", false}});
  EXPECT_THAT(ParseTokenizerJson(file.dump(), "f").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.unk_token")));
}

}  // namespace
}  // namespace mrmllm
