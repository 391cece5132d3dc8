// SPDX-License-Identifier: Apache-2.0
#include "model/text/pre_tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Words(const std::shared_ptr<const PreTokenizer>& pre_tokenizer,
                               std::string_view text) {
  std::vector<std::string> words;
  pre_tokenizer->Split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(PreTokenizerJsonTest, NullLeavesTheTextWhole) {
  const PreTokenizers made = ParsePreTokenizer(nullptr).value();
  EXPECT_FALSE(made.byte_level);
  EXPECT_THAT(Words(made.at_start, "a b"), ElementsAre("a b"));
  EXPECT_THAT(Words(made.later, "a b"), ElementsAre("a b"));
}

TEST(PreTokenizerJsonTest, ReadsASequenceThatEndsInByteLevel) {
  const PreTokenizers made = ParsePreTokenizer(json::parse(R"({"type": "Sequence",
      "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\s"}, "behavior": "Removed", "invert": false},
        {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]})"))
                                 .value();
  EXPECT_TRUE(made.byte_level);
  EXPECT_THAT(Words(made.later, "a b"), ElementsAre("a", "b"));
}

TEST(PreTokenizerJsonTest, MetaspacePrependsByItsScheme) {
  json file = {{"type", "Metaspace"}, {"replacement", "_"}, {"split", false}};
  PreTokenizers made = ParsePreTokenizer(file).value();
  EXPECT_FALSE(made.byte_level);
  EXPECT_THAT(Words(made.at_start, "a"), ElementsAre("_a"));
  EXPECT_THAT(Words(made.later, "a"), ElementsAre("_a"));
  file["prepend_scheme"] = "first";
  made = ParsePreTokenizer(file).value();
  EXPECT_THAT(Words(made.at_start, "a"), ElementsAre("_a"));
  EXPECT_THAT(Words(made.later, "a"), ElementsAre("a"));
  file["prepend_scheme"] = "never";
  EXPECT_THAT(Words(ParsePreTokenizer(file).value().at_start, "a"), ElementsAre("a"));
  file.erase("prepend_scheme");
  file["add_prefix_space"] = false;
  EXPECT_THAT(Words(ParsePreTokenizer(file).value().at_start, "a"), ElementsAre("a"));
}

TEST(PreTokenizerJsonTest, NamesWhatItDoesNotUnderstand) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"type": "Whitespace"})", "'pre_tokenizer.type'"},
      {R"({"type": "Sequence", "pretokenizers": []})", "'pre_tokenizer.pretokenizers'"},
      {R"({"type": "Sequence", "pretokenizers": [{"type": "Metaspace", "replacement": "_"}]})",
       "'pre_tokenizer.pretokenizers[0].type'"},
      {R"({"type": "Metaspace"})", "'pre_tokenizer.replacement'"},
      {R"({"type": "Metaspace", "replacement": "__"})", "'pre_tokenizer.replacement'"},
      {R"({"type": "Metaspace", "replacement": "_", "split": 1})", "'pre_tokenizer.split'"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"})",
       "'pre_tokenizer.prepend_scheme'"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "first",
           "add_prefix_space": false})",
       "as add_prefix_space is false"}};
  for (const auto& [text, key] : bad) {
    EXPECT_THAT(ParsePreTokenizer(json::parse(text)).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(key)));
  }
}

}  // namespace
}  // namespace mrmllm
