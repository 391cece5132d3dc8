// SPDX-License-Identifier: Apache-2.0
#include "model/text/token_decoder_json.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/json_member.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;

absl::StatusOr<std::string> OneCharacter(const Json& json, const std::string& where,
                                         const char* name) {
  ASSIGN_OR_RETURN(std::string character, TextMember(json, where, name));
  if (ReadUtf8Prefix(character).length != character.size()) {
    return Unexpected(absl::StrCat(where, ".", name), "one character", Member(json, name));
  }
  return character;
}

absl::StatusOr<DecoderJson> ParseMetaspace(const Json& json) {
  DecoderJson out;
  out.rules.byte_level = false;
  ASSIGN_OR_RETURN(out.rules.space_spelling, OneCharacter(json, "decoder", "replacement"));
  const Json& scheme = Member(json, "prepend_scheme");
  ASSIGN_OR_RETURN(const bool add_prefix_space,
                   BoolMember(json, "decoder", "add_prefix_space", true));
  if (!scheme.is_null() && scheme != "always" && scheme != "first" && scheme != "never") {
    return Unexpected("decoder.prepend_scheme", "always, first or never", scheme);
  }
  if (!add_prefix_space && !scheme.is_null() && scheme != "never") {
    return Unexpected("decoder.prepend_scheme", "never, as add_prefix_space is false", scheme);
  }
  out.rules.drop_in_first = scheme.is_null() ? add_prefix_space : scheme != "never";
  return out;
}

// Reads the stages of a Sequence one by one.
class SequenceReader {
 public:
  SequenceReader() { out_.rules.byte_level = false; }

  absl::Status Add(const Json& stage, const std::string& where) {
    const Json& type = stage.is_object() ? Member(stage, "type") : stage;
    const std::string type_key = absl::StrCat(where, ".type");
    if (type == "Replace") {
      if (out_.byte_fallback || fused_) return Unexpected(type_key, "Replace as the first", type);
      return AddReplace(stage, where);
    }
    if (type == "ByteFallback") {
      if (fused_) return Unexpected(type_key, "ByteFallback before Fuse", type);
      out_.byte_fallback = true;
      return absl::OkStatus();
    }
    if (type == "Fuse") {
      fused_ = true;
      return absl::OkStatus();
    }
    if (type == "Strip") {
      if (!fused_ || out_.rules.strip_count > 0) {
        return Unexpected(type_key, "one Strip, after Fuse", type);
      }
      return AddStrip(stage, where);
    }
    return Unexpected(type_key, "Replace, ByteFallback, Fuse or Strip", type);
  }

  DecoderJson Finish() { return std::move(out_); }

 private:
  absl::Status AddReplace(const Json& stage, const std::string& where) {
    const Json& pattern = Member(stage, "pattern");
    const Json& content = Member(stage, "content");
    const std::string key = absl::StrCat(where, ".pattern");
    if (!pattern.is_object()) return Unexpected(key, "{\"String\": ...}", pattern);
    ASSIGN_OR_RETURN(std::string from, TextMember(pattern, key, "String"));
    if (!content.is_string()) return Unexpected(absl::StrCat(where, ".content"), "a text", content);
    // A file that nobody vouches for must not fill the memory.
    if (content.get_ref<const std::string&>().size() > from.size()) {
      return Unexpected(absl::StrCat(where, ".content"), "a text no longer than the pattern",
                        content);
    }
    out_.replacements.emplace_back(std::move(from), content.get<std::string>());
    return absl::OkStatus();
  }

  absl::Status AddStrip(const Json& stage, const std::string& where) {
    ASSIGN_OR_RETURN(out_.rules.stripped, OneCharacter(stage, where, "content"));
    const Json& start = Member(stage, "start");
    if (!start.is_number_unsigned() || start.get<uint64_t>() > kMaxStrip) {
      return Unexpected(absl::StrCat(where, ".start"),
                        absl::StrCat("an integer in [0, ", kMaxStrip, "]"), start);
    }
    out_.rules.strip_count = start.get<int>();
    if (Member(stage, "stop") != 0) {
      return Unexpected(absl::StrCat(where, ".stop"), "0", Member(stage, "stop"));
    }
    return absl::OkStatus();
  }

  static constexpr int kMaxStrip = 1000;

  DecoderJson out_;
  bool fused_ = false;
};

}  // namespace

absl::StatusOr<DecoderJson> ParseDecoder(const Json& json) {
  const Json& type = json.is_object() ? Member(json, "type") : json;
  if (type == "ByteLevel") return DecoderJson{};
  if (type == "Metaspace") return ParseMetaspace(json);
  if (type != "Sequence") {
    return Unexpected("decoder", "{\"type\": \"ByteLevel\"}, Metaspace or Sequence", json);
  }
  const Json& list = Member(json, "decoders");
  if (!list.is_array() || list.empty()) return Unexpected("decoder.decoders", "a list", list);
  SequenceReader reader;
  for (size_t i = 0; i < list.size(); ++i) {
    RETURN_IF_ERROR(reader.Add(list[i], absl::StrCat("decoder.decoders[", i, "]")));
  }
  return reader.Finish();
}

}  // namespace mrmllm
