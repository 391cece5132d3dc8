// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer_json.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/json_text.h"
#include "model/text/byte_alphabet.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;

constexpr int32_t kMaxVocabulary = 1 << 22;

// A value's text in an error message, cut to a readable length.
std::string Shown(const Json& value) {
  constexpr size_t kMaxShown = 80;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMaxShown) text = absl::StrCat(text.substr(0, kMaxShown), "...");
  return text;
}

absl::Status Unexpected(const std::string& key, const std::string& expected, const Json& came) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", key, "': expected ", expected, ", got ", Shown(came)));
}

// The member `name` of `object`, or null where it is absent.
const Json& Member(const Json& object, const char* name) {
  static const Json& null = *new Json(nullptr);
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

absl::StatusOr<bool> BoolMember(const Json& object, const std::string& where, const char* name,
                                bool absent) {
  const Json& value = Member(object, name);
  if (value.is_null()) return absent;
  if (!value.is_boolean()) return Unexpected(absl::StrCat(where, ".", name), "a boolean", value);
  return value.get<bool>();
}

absl::StatusOr<int32_t> TokenIdValue(const Json& value, const std::string& key) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
      value.get<int64_t>() >= kMaxVocabulary) {
    return Unexpected(key, absl::StrCat("an integer in [0, ", kMaxVocabulary, ")"), value);
  }
  return value.get<int32_t>();
}

absl::StatusOr<std::unique_ptr<const PreTokenizer>> ParseSplit(const Json& json,
                                                               const std::string& where) {
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

absl::StatusOr<std::unique_ptr<const PreTokenizer>> ParseByteLevel(const Json& json,
                                                                   const std::string& where) {
  ASSIGN_OR_RETURN(const bool add_prefix_space, BoolMember(json, where, "add_prefix_space", true));
  ASSIGN_OR_RETURN(const bool use_regex, BoolMember(json, where, "use_regex", true));
  return MakeByteLevelPreTokenizer(add_prefix_space, use_regex);
}

// One stage that is not a Sequence. ByteLevel must come last, because later stages would see its
// spelling of the bytes.
absl::StatusOr<std::unique_ptr<const PreTokenizer>> ParseStage(const Json& json,
                                                               const std::string& where,
                                                               bool is_last) {
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

absl::StatusOr<std::unique_ptr<const PreTokenizer>> ParsePreTokenizer(const Json& json) {
  const std::string kWhere = "pre_tokenizer";
  if (!json.is_object() || Member(json, "type") != "Sequence") {
    return ParseStage(json, kWhere, /*is_last=*/true);
  }
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

absl::StatusOr<AddedToken> ParseAddedToken(const Json& json, const std::string& where) {
  if (!json.is_object()) return Unexpected(where, "an object", json);
  AddedToken token;
  ASSIGN_OR_RETURN(token.id, TokenIdValue(Member(json, "id"), absl::StrCat(where, ".id")));
  const Json& content = Member(json, "content");
  if (!content.is_string() || content.get_ref<const std::string&>().empty()) {
    return Unexpected(absl::StrCat(where, ".content"), "a text that is not empty", content);
  }
  token.content = content.get<std::string>();
  ASSIGN_OR_RETURN(token.special, BoolMember(json, where, "special", false));
  ASSIGN_OR_RETURN(token.normalized, BoolMember(json, where, "normalized", !token.special));
  ASSIGN_OR_RETURN(token.lstrip, BoolMember(json, where, "lstrip", false));
  ASSIGN_OR_RETURN(token.rstrip, BoolMember(json, where, "rstrip", false));
  ASSIGN_OR_RETURN(token.single_word, BoolMember(json, where, "single_word", false));
  return token;
}

// Settings of the BPE model that change tokenization and that we do not implement.
absl::Status CheckModelSettings(const Json& model) {
  if (Member(model, "type") != "BPE") {
    return Unexpected("model.type", "BPE", Member(model, "type"));
  }
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const Json& value = Member(model, name);
    if (!value.is_null() && !(value.is_string() && value.get_ref<const std::string&>().empty())) {
      return Unexpected(absl::StrCat("model.", name), "null or \"\"", value);
    }
  }
  const Json& dropout = Member(model, "dropout");
  if (!dropout.is_null() && dropout != 0) return Unexpected("model.dropout", "null or 0", dropout);
  const Json& byte_fallback = Member(model, "byte_fallback");
  if (!byte_fallback.is_null() && byte_fallback != false) {
    return Unexpected("model.byte_fallback", "false", byte_fallback);
  }
  if (!Member(model, "vocab").is_object()) {
    return Unexpected("model.vocab", "an object", Member(model, "vocab"));
  }
  if (!Member(model, "merges").is_array()) {
    return Unexpected("model.merges", "a list", Member(model, "merges"));
  }
  return absl::OkStatus();
}

// Builds the parts of a TokenizerJson that come from the vocabulary.
class VocabularyReader {
 public:
  explicit VocabularyReader(const Json& root, TokenizerJson& out) : root_(root), out_(out) {}

  absl::Status Read() {
    RETURN_IF_ERROR(CheckModelSettings(model_));
    RETURN_IF_ERROR(ReadVocabulary());
    RETURN_IF_ERROR(ReadAddedTokens());
    RETURN_IF_ERROR(ReadBytes());
    RETURN_IF_ERROR(ReadMerges());
    return ReadWholeWords();
  }

 private:
  void Put(int32_t id, std::string bytes) {
    if (static_cast<size_t>(id) >= out_.token_bytes.size()) out_.token_bytes.resize(id + 1);
    out_.token_bytes[id] = std::move(bytes);
  }

  absl::Status ReadVocabulary() {
    for (const auto& [spelling, value] : Member(model_, "vocab").items()) {
      ASSIGN_OR_RETURN(const int32_t id,
                       TokenIdValue(value, absl::StrCat("model.vocab[\"", spelling, "\"]")));
      ids_[spelling] = id;
      Put(id, BytesFromSpelling(spelling).value_or(spelling));
    }
    return absl::OkStatus();
  }

  absl::Status ReadAddedTokens() {
    const Json& list = Member(root_, "added_tokens");
    if (!list.is_null() && !list.is_array()) return Unexpected("added_tokens", "a list", list);
    absl::flat_hash_set<int32_t> seen;
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string where = absl::StrCat("added_tokens[", i, "]");
      ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(list[i], where));
      // A plain token with a special one's id would let plain text make a special token.
      if (!seen.insert(token.id).second) {
        return Unexpected(where + ".id", "an id of its own", Member(list[i], "id"));
      }
      if (token.special) special_ids_.insert(token.id);
      Put(token.id, token.content);
      out_.added_tokens.push_back(std::move(token));
    }
    return absl::OkStatus();
  }

  absl::Status ReadBytes() {
    bool complete = true;
    for (int byte = 0; byte < 256; ++byte) {
      const auto found = ids_.find(SpellingFromBytes(std::string(1, static_cast<char>(byte))));
      const bool usable = found != ids_.end() && !special_ids_.contains(found->second);
      out_.token_of_byte[byte] = usable ? found->second : BytePairEncoder::kNoToken;
      complete = complete && usable;
    }
    const Json& unknown = Member(model_, "unk_token");
    if (!complete && !unknown.is_null()) {
      return Unexpected("model.unk_token", "null, as the vocabulary lacks some bytes", unknown);
    }
    return absl::OkStatus();
  }

  absl::Status ReadMerges() {
    const Json& list = Member(model_, "merges");
    out_.merges.reserve(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string key = absl::StrCat("model.merges[", i, "]");
      std::string left;
      std::string right;
      if (list[i].is_array() && list[i].size() == 2 && list[i][0].is_string() &&
          list[i][1].is_string()) {
        left = list[i][0].get<std::string>();
        right = list[i][1].get<std::string>();
      } else if (list[i].is_string()) {
        const std::string& both = list[i].get_ref<const std::string&>();
        const size_t space = both.find(' ');
        left = both.substr(0, space);
        right = space == std::string::npos ? "" : both.substr(space + 1);
      }
      if (left.empty() || right.empty()) return Unexpected(key, "two tokens", list[i]);
      const auto left_id = ids_.find(left);
      const auto right_id = ids_.find(right);
      const auto merged_id = ids_.find(left + right);
      if (left_id == ids_.end() || right_id == ids_.end() || merged_id == ids_.end()) {
        return Unexpected(key, "two tokens that are, and whose union is, in model.vocab", list[i]);
      }
      if (special_ids_.contains(merged_id->second)) {
        return Unexpected(key, "a merge that makes no special token", list[i]);
      }
      out_.merges.push_back({left_id->second, right_id->second, merged_id->second});
    }
    return absl::OkStatus();
  }

  absl::Status ReadWholeWords() {
    ASSIGN_OR_RETURN(const bool ignore_merges, BoolMember(model_, "model", "ignore_merges", false));
    if (!ignore_merges) return absl::OkStatus();
    for (const auto& [spelling, id] : ids_) {
      const std::optional<std::string> bytes = BytesFromSpelling(spelling);
      if (bytes.has_value() && !special_ids_.contains(id)) out_.whole_words[*bytes] = id;
    }
    return absl::OkStatus();
  }

  const Json& root_;
  const Json& model_ = Member(root_, "model");
  TokenizerJson& out_;
  absl::flat_hash_map<std::string, int32_t> ids_;  // by spelling
  absl::flat_hash_set<int32_t> special_ids_;
};

absl::StatusOr<TokenizerJson> Read(const Json& root) {
  if (!root.is_object()) return absl::InvalidArgumentError("expected a JSON object");
  if (!Member(root, "model").is_object()) {
    return Unexpected("model", "an object", Member(root, "model"));
  }
  TokenizerJson out;
  RETURN_IF_ERROR(VocabularyReader(root, out).Read());
  ASSIGN_OR_RETURN(out.pre_tokenizer, ParsePreTokenizer(Member(root, "pre_tokenizer")));
  const Json& normalizer = Member(root, "normalizer");
  out.normalize_nfc = normalizer.is_object() && Member(normalizer, "type") == "NFC";
  if (!normalizer.is_null() && !out.normalize_nfc) {
    return Unexpected("normalizer", "null or {\"type\": \"NFC\"}", normalizer);
  }
  const Json& decoder = Member(root, "decoder");
  if (!decoder.is_object() || Member(decoder, "type") != "ByteLevel") {
    return Unexpected("decoder", "{\"type\": \"ByteLevel\"}", decoder);
  }
  return out;
}

}  // namespace

absl::StatusOr<TokenizerJson> ParseTokenizerJson(std::string_view json, std::string_view name) {
  const absl::StatusOr<Json> root = ParseJson(json);
  absl::StatusOr<TokenizerJson> read = root.ok() ? Read(*root) : root.status();
  if (!read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(name), ": ", read.status().message()));
  }
  return read;
}

}  // namespace mrmllm
