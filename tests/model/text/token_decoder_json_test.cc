// SPDX-License-Identifier: Apache-2.0
#include "model/text/token_decoder_json.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(TokenDecoderJsonTest, ReadsByteLevel) {
  const DecoderJson decoder = ParseDecoder({{"type", "ByteLevel"}}).value();
  EXPECT_TRUE(decoder.rules.byte_level);
  EXPECT_FALSE(decoder.byte_fallback);
}

TEST(TokenDecoderJsonTest, ReadsTheSequenceOfSentencePiece) {
  const DecoderJson decoder = ParseDecoder(json::parse(R"({"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"},
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})"))
                                  .value();
  EXPECT_FALSE(decoder.rules.byte_level);
  EXPECT_TRUE(decoder.byte_fallback);
  EXPECT_THAT(decoder.replacements, ElementsAre(Pair("_", " ")));
  EXPECT_EQ(decoder.rules.stripped, " ");
  EXPECT_EQ(decoder.rules.strip_count, 1);
}

TEST(TokenDecoderJsonTest, ReadsMetaspace) {
  json file = {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "first"}};
  const DecoderJson decoder = ParseDecoder(file).value();
  EXPECT_EQ(decoder.rules.space_spelling, "_");
  EXPECT_TRUE(decoder.rules.drop_in_first);
  file["prepend_scheme"] = "never";
  EXPECT_FALSE(ParseDecoder(file).value().rules.drop_in_first);
}

TEST(TokenDecoderJsonTest, NamesWhatItDoesNotUnderstand) {
  const std::pair<const char*, const char*> bad[] = {
      {"null", "'decoder'"},
      {R"({"type": "WordPiece"})", "WordPiece"},
      {R"({"type": "Sequence", "decoders": []})", "'decoder.decoders'"},
      {R"({"type": "Sequence", "decoders": [{"type": "CTC"}]})", "'decoder.decoders[0].type'"},
      {R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]})",
       "'decoder.decoders[1].type': expected ByteFallback before Fuse"},
      {R"({"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Replace"}]})",
       "'decoder.decoders[1].type'"},
      {R"({"type": "Sequence", "decoders": [{"type": "Strip"}]})", "one Strip, after Fuse"},
      {R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
           {"type": "Strip", "content": "ab", "start": 1, "stop": 0}]})",
       "'decoder.decoders[1].content'"},
      {R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
           {"type": "Strip", "content": " ", "start": -1, "stop": 0}]})",
       "'decoder.decoders[1].start'"},
      {R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
           {"type": "Strip", "content": " ", "start": 1, "stop": 1}]})",
       "'decoder.decoders[1].stop'"},
      {R"({"type": "Sequence", "decoders": [
           {"type": "Replace", "pattern": {"Regex": "_"}, "content": " "}]})",
       "'decoder.decoders[0].pattern.String'"},
      {R"({"type": "Sequence", "decoders": [
           {"type": "Replace", "pattern": {"String": "_"}, "content": "__"}]})",
       "'decoder.decoders[0].content'"},
      {R"({"type": "Metaspace", "replacement": "ab"})", "'decoder.replacement'"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": 1})",
       "'decoder.prepend_scheme'"}};
  for (const auto& [text, key] : bad) {
    EXPECT_THAT(ParseDecoder(json::parse(text)).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(key)))
        << text;
  }
}

}  // namespace
}  // namespace mrmllm
