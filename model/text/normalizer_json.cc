// SPDX-License-Identifier: Apache-2.0
#include "model/text/normalizer_json.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/json_member.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;
using Made = absl::StatusOr<std::unique_ptr<const Normalizer>>;

Made ParseReplace(const Json& json, const std::string& where) {
  const Json& content = Member(json, "content");
  if (!content.is_string()) return Unexpected(absl::StrCat(where, ".content"), "a text", content);
  const Json& pattern = Member(json, "pattern");
  const std::string pattern_key = absl::StrCat(where, ".pattern");
  if (!pattern.is_object() || pattern.size() != 1) {
    return Unexpected(pattern_key, "{\"String\": ...} or {\"Regex\": ...}", pattern);
  }
  if (!Member(pattern, "Regex").is_string()) {
    ASSIGN_OR_RETURN(std::string literal, TextMember(pattern, pattern_key, "String"));
    return MakeReplaceNormalizer(std::move(literal), content.get<std::string>());
  }
  ASSIGN_OR_RETURN(UnicodeRegex regex,
                   UnicodeRegex::Create(Member(pattern, "Regex").get_ref<const std::string&>()));
  if (!regex.FindAll("").empty()) {
    return Unexpected(pattern_key, "an expression that matches no empty text", pattern);
  }
  return MakeReplaceNormalizer(std::move(regex), content.get<std::string>());
}

Made ParseOne(const Json& json, const std::string& where) {
  const Json& type = json.is_object() ? Member(json, "type") : json;
  if (type == "NFC") return MakeUnicodeNormalizer(UnicodeForm::kNfc);
  if (type == "NFD") return MakeUnicodeNormalizer(UnicodeForm::kNfd);
  if (type == "NFKC") return MakeUnicodeNormalizer(UnicodeForm::kNfkc);
  if (type == "NFKD") return MakeUnicodeNormalizer(UnicodeForm::kNfkd);
  if (type == "Prepend") {
    ASSIGN_OR_RETURN(std::string prefix, TextMember(json, where, "prepend"));
    return MakePrependNormalizer(std::move(prefix));
  }
  if (type == "Replace") return ParseReplace(json, where);
  return Unexpected(absl::StrCat(where, ".type"), "NFC, NFD, NFKC, NFKD, Prepend or Replace", type);
}

}  // namespace

Made ParseNormalizer(const Json& json) {
  if (json.is_null()) return nullptr;
  if (!json.is_object() || Member(json, "type") != "Sequence") return ParseOne(json, "normalizer");
  const Json& list = Member(json, "normalizers");
  if (!list.is_array()) return Unexpected("normalizer.normalizers", "a list", list);
  std::vector<std::unique_ptr<const Normalizer>> stages;
  for (size_t i = 0; i < list.size(); ++i) {
    ASSIGN_OR_RETURN(auto stage,
                     ParseOne(list[i], absl::StrCat("normalizer.normalizers[", i, "]")));
    stages.push_back(std::move(stage));
  }
  return MakeSequenceNormalizer(std::move(stages));
}

}  // namespace mrmllm
