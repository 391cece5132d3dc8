// SPDX-License-Identifier: Apache-2.0
#include "model/text/normalizer_json.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(NormalizerJsonTest, NullIsNone) { EXPECT_EQ(ParseNormalizer(nullptr).value(), nullptr); }

TEST(NormalizerJsonTest, ReadsASequence) {
  const json file = json::parse(R"({"type": "Sequence", "normalizers": [
      {"type": "NFKC"}, {"type": "Prepend", "prepend": "_"},
      {"type": "Replace", "pattern": {"String": " "}, "content": "_"},
      {"type": "Replace", "pattern": {"Regex": "[0-9]+"}, "content": "0"}]})");
  EXPECT_EQ(ParseNormalizer(file).value()->Normalize("\ufb01 42"), "_fi_0");
}

TEST(NormalizerJsonTest, NamesWhatItDoesNotUnderstand) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"type": "Lowercase"})", "'normalizer.type'"},
      {R"("NFC ")", "'normalizer.type'"},
      {R"({"type": "Prepend", "prepend": ""})", "'normalizer.prepend'"},
      {R"({"type": "Replace", "pattern": {"String": ""}, "content": "a"})",
       "'normalizer.pattern.String'"},
      {R"({"type": "Replace", "pattern": "a", "content": "a"})", "'normalizer.pattern'"},
      {R"({"type": "Replace", "pattern": {"Regex": "a*"}, "content": "b"})",
       "matches no empty text"},
      {R"({"type": "Replace", "pattern": {"Regex": "("}, "content": "b"})", "regular expression"},
      {R"({"type": "Replace", "pattern": {"String": "a"}})", "'normalizer.content'"},
      {R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Sequence"}]})",
       "'normalizer.normalizers[1].type'"},
      {R"({"type": "Sequence"})", "'normalizer.normalizers'"}};
  for (const auto& [text, key] : bad) {
    EXPECT_THAT(ParseNormalizer(json::parse(text)).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(key)));
  }
}

TEST(NormalizerJsonTest, RefusesStagesThatWouldFillTheMemory) {
  const json twice =
      json::parse(R"({"type": "Replace", "pattern": {"String": "a"}, "content": "aa"})");
  json file = {{"type", "Sequence"}, {"normalizers", json::array()}};
  for (int i = 0; i < 6; ++i) file["normalizers"].push_back(twice);
  EXPECT_EQ(ParseNormalizer(file).value()->Normalize("a").size(), 64u);
  file["normalizers"].push_back(twice);
  EXPECT_THAT(ParseNormalizer(file).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'normalizer.normalizers[6]': expected stages that")));
  for (json& stage : file["normalizers"])
    stage["pattern"]["String"] = "abc", stage["content"] = "abcd";
  EXPECT_FALSE(ParseNormalizer(file).ok());
}

}  // namespace
}  // namespace mrmllm
