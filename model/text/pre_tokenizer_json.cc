// SPDX-License-Identifier: Apache-2.0
#include "model/text/pre_tokenizer_json.h"

#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/json_member.h"
#include "model/text/metaspace.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;
using Made = absl::StatusOr<std::unique_ptr<const PreTokenizer>>;

Made ParseSplit(const Json& json, const std::string& where) {
  const Json& pattern = Member(json, "pattern");
  const Json& regex = pattern.is_object() ? Member(pattern, "Regex") : pattern;
  const Json& literal = pattern.is_object() ? Member(pattern, "String") : pattern;
  if (regex.is_string() == literal.is_string()) {
    return Unexpected(absl::StrCat(where, ".pattern"), "{\"Regex\": ...} or {\"String\": ...}",
                      pattern);
  }
  const Json& behavior_name = Member(json, "behavior");
  const std::optional<SplitBehavior> behavior =
      behavior_name.is_string() ? ParseSplitBehavior(behavior_name.get_ref<const std::string&>())
                                : std::nullopt;
  if (!behavior.has_value()) {
    return Unexpected(absl::StrCat(where, ".behavior"),
                      "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous",
                      behavior_name);
  }
  ASSIGN_OR_RETURN(const bool invert, BoolMember(json, where, "invert", false));
  std::string expression;
  if (regex.is_string()) {
    expression = regex.get<std::string>();
  } else {
    for (const char c : literal.get_ref<const std::string&>()) {
      // Every ASCII punctuation mark may be quoted by a backslash; nothing else needs it.
      if (std::ispunct(static_cast<unsigned char>(c))) expression += '\\';
      expression += c;
    }
  }
  ASSIGN_OR_RETURN(UnicodeRegex compiled, UnicodeRegex::Create(expression));
  return MakePatternPreTokenizer(std::move(compiled), *behavior, invert);
}

Made ParseByteLevel(const Json& json, const std::string& where) {
  ASSIGN_OR_RETURN(const bool add_prefix_space, BoolMember(json, where, "add_prefix_space", true));
  ASSIGN_OR_RETURN(const bool use_regex, BoolMember(json, where, "use_regex", true));
  return MakeByteLevelPreTokenizer(add_prefix_space, use_regex);
}

// One stage that is not a Sequence. ByteLevel must come last, because later stages would see its
// spelling of the bytes.
Made ParseStage(const Json& json, const std::string& where, bool is_last) {
  const Json& type = json.is_object() ? Member(json, "type") : json;
  if (is_last) {
    if (type == "ByteLevel") return ParseByteLevel(json, where);
    return Unexpected(absl::StrCat(where, ".type"), "ByteLevel as the last pre-tokenizer", type);
  }
  if (type == "Split") return ParseSplit(json, where);
  if (type == "Digits") {
    ASSIGN_OR_RETURN(const bool individual, BoolMember(json, where, "individual_digits", false));
    return MakeDigitsPreTokenizer(individual);
  }
  return Unexpected(absl::StrCat(where, ".type"), "Digits or Split before the last pre-tokenizer",
                    type);
}

Made ParseSequence(const Json& json) {
  const Json& list = Member(json, "pretokenizers");
  if (!list.is_array() || list.empty()) {
    return Unexpected("pre_tokenizer.pretokenizers", "a list", list);
  }
  std::vector<std::unique_ptr<const PreTokenizer>> stages;
  for (size_t i = 0; i < list.size(); ++i) {
    ASSIGN_OR_RETURN(auto stage,
                     ParseStage(list[i], absl::StrCat("pre_tokenizer.pretokenizers[", i, "]"),
                                i + 1 == list.size()));
    stages.push_back(std::move(stage));
  }
  return MakeSequencePreTokenizer(std::move(stages));
}

// Older files say `add_prefix_space` instead of `prepend_scheme`; Hugging Face refuses a file in
// which they disagree.
absl::StatusOr<std::string> PrependScheme(const Json& json) {
  ASSIGN_OR_RETURN(const bool add_prefix_space,
                   BoolMember(json, "pre_tokenizer", "add_prefix_space", true));
  const Json& scheme = Member(json, "prepend_scheme");
  if (scheme.is_null()) return add_prefix_space ? "always" : "never";
  const bool known = scheme == "always" || scheme == "first" || scheme == "never";
  if (!known || (!add_prefix_space && scheme != "never")) {
    return Unexpected(
        "pre_tokenizer.prepend_scheme",
        add_prefix_space ? "always, first or never" : "never, as add_prefix_space is false",
        scheme);
  }
  return scheme.get<std::string>();
}

absl::StatusOr<PreTokenizers> ParseMetaspace(const Json& json) {
  ASSIGN_OR_RETURN(const std::string replacement, TextMember(json, "pre_tokenizer", "replacement"));
  if (ReadUtf8Prefix(replacement).length != replacement.size()) {
    return Unexpected("pre_tokenizer.replacement", "one character", Member(json, "replacement"));
  }
  ASSIGN_OR_RETURN(const bool split, BoolMember(json, "pre_tokenizer", "split", true));
  ASSIGN_OR_RETURN(const std::string scheme, PrependScheme(json));
  PreTokenizers made;
  made.at_start = MakeMetaspacePreTokenizer(replacement, scheme != "never", split);
  made.later = MakeMetaspacePreTokenizer(replacement, scheme == "always", split);
  return made;
}

}  // namespace

absl::StatusOr<PreTokenizers> ParsePreTokenizer(const Json& json) {
  PreTokenizers made;
  if (json.is_null()) {
    made.at_start = MakeSequencePreTokenizer({});
  } else if (json.is_object() && Member(json, "type") == "Metaspace") {
    return ParseMetaspace(json);
  } else if (json.is_object() && Member(json, "type") == "Sequence") {
    made.byte_level = true;
    ASSIGN_OR_RETURN(made.at_start, ParseSequence(json));
  } else {
    made.byte_level = true;
    ASSIGN_OR_RETURN(made.at_start, ParseStage(json, "pre_tokenizer", /*is_last=*/true));
  }
  made.later = made.at_start;
  return made;
}

}  // namespace mrmllm
