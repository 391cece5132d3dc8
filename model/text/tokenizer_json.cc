// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/status_macros.h"
#include "model/json_text.h"
#include "model/text/byte_alphabet.h"
#include "model/text/json_member.h"
#include "model/text/normalizer_json.h"
#include "model/text/pre_tokenizer_json.h"
#include "model/text/replace_text.h"
#include "model/text/token_decoder_json.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;

constexpr int32_t kMaxVocabulary = 1 << 22;

absl::StatusOr<int32_t> TokenIdValue(const Json& value, const std::string& key) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
      value.get<int64_t>() >= kMaxVocabulary) {
    return Unexpected(key, absl::StrCat("an integer in [0, ", kMaxVocabulary, ")"), value);
  }
  return value.get<int32_t>();
}

absl::StatusOr<AddedToken> ParseAddedToken(const Json& json, const std::string& where) {
  if (!json.is_object()) return Unexpected(where, "an object", json);
  AddedToken token;
  ASSIGN_OR_RETURN(token.id, TokenIdValue(Member(json, "id"), absl::StrCat(where, ".id")));
  ASSIGN_OR_RETURN(token.content, TextMember(json, where, "content"));
  ASSIGN_OR_RETURN(token.special, BoolMember(json, where, "special", false));
  ASSIGN_OR_RETURN(token.normalized, BoolMember(json, where, "normalized", !token.special));
  ASSIGN_OR_RETURN(token.lstrip, BoolMember(json, where, "lstrip", false));
  ASSIGN_OR_RETURN(token.rstrip, BoolMember(json, where, "rstrip", false));
  ASSIGN_OR_RETURN(token.single_word, BoolMember(json, where, "single_word", false));
  return token;
}

// Settings of the BPE model that change tokenization and that we do not implement.
absl::Status CheckModelSettings(const Json& model, bool byte_level) {
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
  ASSIGN_OR_RETURN(const bool byte_fallback, BoolMember(model, "model", "byte_fallback", false));
  if (byte_level && byte_fallback) {
    return Unexpected("model.byte_fallback", "false, as the vocabulary is byte-level",
                      Member(model, "byte_fallback"));
  }
  if (!Member(model, "vocab").is_object()) {
    return Unexpected("model.vocab", "an object", Member(model, "vocab"));
  }
  if (!Member(model, "merges").is_array()) {
    return Unexpected("model.merges", "a list", Member(model, "merges"));
  }
  return absl::OkStatus();
}

// The byte that a spelling such as <0x0A> stands for where a vocabulary of characters falls back to
// bytes. Read as Hugging Face reads it: two digits of either case, the first of which may be a
// plus.
std::optional<char> FallbackByte(std::string_view spelling) {
  if (spelling.size() != 6 || spelling.substr(0, 3) != "<0x" || spelling[5] != '>') {
    return std::nullopt;
  }
  std::string_view digits = spelling.substr(3, 2);
  if (digits[0] == '+') digits.remove_prefix(1);
  int byte = 0;
  for (const char digit : digits) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    byte = 16 * byte + (absl::ascii_isdigit(static_cast<unsigned char>(digit))
                            ? digit - '0'
                            : absl::ascii_tolower(static_cast<unsigned char>(digit)) - 'a' + 10);
  }
  return static_cast<char>(byte);
}

// Builds the parts of a TokenizerJson that come from the vocabulary.
class VocabularyReader {
 public:
  VocabularyReader(const Json& root, const DecoderJson& decoder, bool byte_level,
                   TokenizerJson& out)
      : root_(root), decoder_(decoder), byte_level_(byte_level), out_(out) {}

  absl::Status Read() {
    RETURN_IF_ERROR(CheckModelSettings(model_, byte_level_));
    RETURN_IF_ERROR(ReadVocabulary());
    RETURN_IF_ERROR(ReadAddedTokens());
    RETURN_IF_ERROR(byte_level_ ? ReadBytes() : ReadCharacters());
    RETURN_IF_ERROR(ReadMerges());
    return ReadWholeWords();
  }

 private:
  // What the token adds to decoded text.
  TokenPiece PieceOf(const std::string& spelling) const {
    if (byte_level_) return {BytesFromSpelling(spelling).value_or(spelling), false};
    std::string text = spelling;
    for (const auto& [pattern, content] : decoder_.replacements) {
      text = ReplaceText(text, pattern, content);
    }
    const std::optional<char> byte =
        decoder_.byte_fallback ? FallbackByte(text) : std::optional<char>();
    if (byte.has_value()) return {std::string(1, *byte), true};
    return {std::move(text), false};
  }

  void Put(int32_t id, const std::string& spelling) {
    if (static_cast<size_t>(id) >= out_.pieces.size()) out_.pieces.resize(id + 1);
    out_.pieces[id] = PieceOf(spelling);
  }

  absl::Status ReadVocabulary() {
    for (const auto& [spelling, value] : Member(model_, "vocab").items()) {
      ASSIGN_OR_RETURN(const int32_t id,
                       TokenIdValue(value, absl::StrCat("model.vocab[\"", spelling, "\"]")));
      ids_[spelling] = id;
      Put(id, spelling);
    }
    return absl::OkStatus();
  }

  // The token as it is spelled in the text in which it is looked for.
  absl::StatusOr<std::string> FoundAs(const AddedToken& token, const std::string& where) const {
    if (!token.normalized || out_.normalizer == nullptr) return token.content;
    std::string normalized = out_.normalizer->Normalize(token.content);
    if (!normalized.empty()) return normalized;
    return Unexpected(absl::StrCat(where, ".content"),
                      "a text of which normalization leaves something", token.content);
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
      ASSIGN_OR_RETURN(const std::string found_as, FoundAs(token, where));
      Put(token.id, found_as);
      if (token.normalized) {
        out_.normalized_tokens.push_back(token);
        out_.normalized_tokens.back().content = found_as;
      }
      out_.added_tokens.push_back(std::move(token));
    }
    return absl::OkStatus();
  }

  // The id of a token that plain text may become, or kNoToken.
  int32_t PlainId(const std::string& spelling) const {
    const auto found = ids_.find(spelling);
    const bool usable = found != ids_.end() && !special_ids_.contains(found->second);
    return usable ? found->second : BytePairEncoder::kNoToken;
  }

  absl::Status CheckUnknown(bool every_text_has_tokens, const char* why) const {
    const Json& unknown = Member(model_, "unk_token");
    if (every_text_has_tokens || unknown.is_null()) return absl::OkStatus();
    return Unexpected("model.unk_token", why, unknown);
  }

  absl::Status ReadBytes() {
    bool complete = true;
    for (int byte = 0; byte < 256; ++byte) {
      const int32_t id = PlainId(SpellingFromBytes(std::string(1, static_cast<char>(byte))));
      out_.base_tokens.of_byte[byte] = id;
      complete = complete && id != BytePairEncoder::kNoToken;
    }
    return CheckUnknown(complete, "null, as the vocabulary lacks some bytes");
  }

  absl::Status ReadCharacters() {
    absl::flat_hash_map<char32_t, int32_t>& of_character = out_.base_tokens.of_character.emplace();
    for (const auto& [spelling, id] : ids_) {
      if (spelling.empty() || ReadUtf8Prefix(spelling).length != spelling.size()) continue;
      size_t offset = 0;
      if (!special_ids_.contains(id)) of_character[DecodeUtf8(spelling, offset)] = id;
    }
    ASSIGN_OR_RETURN(const bool fallback, BoolMember(model_, "model", "byte_fallback", false));
    ASSIGN_OR_RETURN(const bool fuse, BoolMember(model_, "model", "fuse_unk", false));
    static_cast<void>(fuse);  // of no effect: nothing is unknown
    bool complete = true;
    for (int byte = 0; byte < 256; ++byte) {
      const int32_t id =
          fallback ? PlainId(absl::StrFormat("<0x%02X>", byte)) : BytePairEncoder::kNoToken;
      out_.base_tokens.of_byte[byte] = id;
      complete = complete && id != BytePairEncoder::kNoToken;
    }
    return CheckUnknown(complete, "null, or model.byte_fallback with a token for each byte");
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
      const std::optional<std::string> bytes =
          byte_level_ ? BytesFromSpelling(spelling) : std::make_optional(spelling);
      if (bytes.has_value() && !special_ids_.contains(id)) out_.whole_words[*bytes] = id;
    }
    return absl::OkStatus();
  }

  const Json& root_;
  const Json& model_ = Member(root_, "model");
  const DecoderJson& decoder_;
  const bool byte_level_;
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
  ASSIGN_OR_RETURN(PreTokenizers pre_tokenizers, ParsePreTokenizer(Member(root, "pre_tokenizer")));
  ASSIGN_OR_RETURN(out.normalizer, ParseNormalizer(Member(root, "normalizer")));
  ASSIGN_OR_RETURN(const DecoderJson decoder, ParseDecoder(Member(root, "decoder")));
  if (decoder.rules.byte_level != pre_tokenizers.byte_level) {
    return Unexpected("decoder",
                      pre_tokenizers.byte_level ? "ByteLevel, as in pre_tokenizer"
                                                : "Metaspace or Sequence, as pre_tokenizer is not "
                                                  "ByteLevel",
                      Member(root, "decoder"));
  }
  out.decoding = decoder.rules;
  RETURN_IF_ERROR(VocabularyReader(root, decoder, pre_tokenizers.byte_level, out).Read());
  out.pre_tokenizer_at_start = std::move(pre_tokenizers.at_start);
  out.pre_tokenizer_later = std::move(pre_tokenizers.later);
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
