// SPDX-License-Identifier: Apache-2.0
#include "model/text/normalizer_json.h"

#include <algorithm>
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

// How many times longer a text may become: a file that nobody vouches for must not fill the memory.
constexpr size_t kMaxGrowth = 64;

// Counts the stage in.
absl::Status CheckGrowth(size_t stage_growth, const std::string& where, const Json& stage,
                         size_t& growth) {
  growth *= std::max<size_t>(1, stage_growth);
  if (growth <= kMaxGrowth) return absl::OkStatus();
  return Unexpected(
      where, absl::StrCat("stages that make a text at most ", kMaxGrowth, " times longer in all"),
      stage);
}

Made ParseReplace(const Json& json, const std::string& where, size_t& growth) {
  const Json& content = Member(json, "content");
  if (!content.is_string()) return Unexpected(absl::StrCat(where, ".content"), "a text", content);
  const Json& pattern = Member(json, "pattern");
  const std::string pattern_key = absl::StrCat(where, ".pattern");
  if (!pattern.is_object() || pattern.size() != 1) {
    return Unexpected(pattern_key, "{\"String\": ...} or {\"Regex\": ...}", pattern);
  }
  if (!Member(pattern, "Regex").is_string()) {
    ASSIGN_OR_RETURN(std::string literal, TextMember(pattern, pattern_key, "String"));
    const size_t size = content.get_ref<const std::string&>().size();
    RETURN_IF_ERROR(CheckGrowth((size + literal.size() - 1) / literal.size(), where, json, growth));
    return MakeReplaceNormalizer(std::move(literal), content.get<std::string>());
  }
  ASSIGN_OR_RETURN(UnicodeRegex regex,
                   UnicodeRegex::Create(Member(pattern, "Regex").get_ref<const std::string&>()));
  if (!regex.FindAll("").empty()) {
    return Unexpected(pattern_key, "an expression that matches no empty text", pattern);
  }
  RETURN_IF_ERROR(CheckGrowth(content.get_ref<const std::string&>().size(), where, json, growth));
  return MakeReplaceNormalizer(std::move(regex), content.get<std::string>());
}

Made ParseOne(const Json& json, const std::string& where, size_t& growth) {
  const Json& type = json.is_object() ? Member(json, "type") : json;
  if (type == "NFC") return MakeUnicodeNormalizer(UnicodeForm::kNfc);
  if (type == "NFD") return MakeUnicodeNormalizer(UnicodeForm::kNfd);
  if (type == "NFKC") return MakeUnicodeNormalizer(UnicodeForm::kNfkc);
  if (type == "NFKD") return MakeUnicodeNormalizer(UnicodeForm::kNfkd);
  if (type == "Prepend") {
    ASSIGN_OR_RETURN(std::string prefix, TextMember(json, where, "prepend"));
    RETURN_IF_ERROR(CheckGrowth(1 + prefix.size(), where, json, growth));
    return MakePrependNormalizer(std::move(prefix));
  }
  if (type == "Replace") return ParseReplace(json, where, growth);
  return Unexpected(absl::StrCat(where, ".type"), "NFC, NFD, NFKC, NFKD, Prepend or Replace", type);
}

}  // namespace

Made ParseNormalizer(const Json& json) {
  if (json.is_null()) return nullptr;
  size_t growth = 1;
  if (!json.is_object() || Member(json, "type") != "Sequence") {
    return ParseOne(json, "normalizer", growth);
  }
  const Json& list = Member(json, "normalizers");
  if (!list.is_array()) return Unexpected("normalizer.normalizers", "a list", list);
  std::vector<std::unique_ptr<const Normalizer>> stages;
  for (size_t i = 0; i < list.size(); ++i) {
    ASSIGN_OR_RETURN(auto stage,
                     ParseOne(list[i], absl::StrCat("normalizer.normalizers[", i, "]"), growth));
    stages.push_back(std::move(stage));
  }
  return MakeSequenceNormalizer(std::move(stages));
}

}  // namespace mrmllm
