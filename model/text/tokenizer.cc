// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/tokenizer_json.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

std::string NormalizeNfc(std::string_view text) {
  std::string normalized;
  icu::StringByteSink<std::string> sink(&normalized);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_SUCCESS(error)) {
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink,
                       nullptr, error);
  }
  return U_SUCCESS(error) ? normalized : std::string(text);
}

template <typename Predicate>
std::vector<AddedToken> Select(const std::vector<AddedToken>& tokens, Predicate predicate) {
  std::vector<AddedToken> selected;
  for (const AddedToken& token : tokens) {
    if (predicate(token)) selected.push_back(token);
  }
  return selected;
}

// The tokens that are matched in normalized text are themselves written normalized.
std::vector<AddedToken> Normalized(std::vector<AddedToken> tokens, bool nfc) {
  for (AddedToken& token : tokens) {
    if (nfc) token.content = NormalizeNfc(token.content);
  }
  return tokens;
}

}  // namespace

Tokenizer::Tokenizer(TokenizerJson parts)
    : token_bytes_(std::move(parts.token_bytes)),
      is_special_(token_bytes_.size(), false),
      raw_tokens_(Select(parts.added_tokens, [](const AddedToken& t) { return !t.normalized; })),
      normalized_tokens_(
          Normalized(Select(parts.added_tokens, [](const AddedToken& t) { return t.normalized; }),
                     parts.normalize_nfc)),
      special_tokens_(Select(parts.added_tokens, [](const AddedToken& t) { return t.special; })),
      normalize_nfc_(parts.normalize_nfc),
      pre_tokenizer_(std::move(parts.pre_tokenizer)),
      encoder_(parts.token_of_byte, parts.merges, std::move(parts.whole_words)) {
  for (const AddedToken& token : special_tokens_.tokens()) {
    is_special_[token.id] = true;
    special_ids_[token.content] = token.id;
  }
}

absl::StatusOr<std::shared_ptr<const Tokenizer>> Tokenizer::Load(
    const std::string& tokenizer_json_path) {
  std::ifstream file(tokenizer_json_path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(tokenizer_json_path, ": cannot be read"));
  }
  return Parse(content.str(), tokenizer_json_path);
}

absl::StatusOr<std::shared_ptr<const Tokenizer>> Tokenizer::Parse(std::string_view json,
                                                                  std::string_view name) {
  ASSIGN_OR_RETURN(TokenizerJson parts, ParseTokenizerJson(json, name));
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(parts)));
}

std::vector<int32_t> Tokenizer::Encode(std::string_view text) const {
  return EncodeReplaced(text, /*match_special=*/false);
}

std::vector<int32_t> Tokenizer::EncodeWithSpecialTokens(std::string_view text) const {
  return EncodeReplaced(text, /*match_special=*/true);
}

std::vector<int32_t> Tokenizer::EncodeReplaced(std::string_view text, bool match_special) const {
  std::vector<int32_t> ids;
  const std::string valid = ReplaceInvalidUtf8(text);
  for (const TextSegment& segment : raw_tokens_.Split(valid, match_special)) {
    if (segment.token_id != TextSegment::kPlainText) {
      ids.push_back(segment.token_id);
    } else if (normalize_nfc_) {
      EncodeSegment(NormalizeNfc(segment.text), match_special, ids);
    } else {
      EncodeSegment(segment.text, match_special, ids);
    }
  }
  return ids;
}

void Tokenizer::EncodeSegment(std::string_view text, bool match_special,
                              std::vector<int32_t>& ids) const {
  for (const TextSegment& segment : normalized_tokens_.Split(text, match_special)) {
    if (segment.token_id != TextSegment::kPlainText) {
      ids.push_back(segment.token_id);
      continue;
    }
    pre_tokenizer_->Split(segment.text, [&](std::string_view word) { encoder_.Encode(word, ids); });
  }
}

std::vector<TextSegment> Tokenizer::SplitAtSpecialTokens(std::string_view text) const {
  return special_tokens_.Split(text, /*match_special=*/true);
}

absl::StatusOr<int32_t> Tokenizer::TokenId(std::string_view special_token) const {
  const auto found = special_ids_.find(std::string(special_token));
  if (found == special_ids_.end()) {
    return absl::NotFoundError(
        absl::StrCat("the tokenizer has no special token '", std::string(special_token), "'"));
  }
  return found->second;
}

const std::string& Tokenizer::TokenBytes(int32_t id) const {
  static const std::string& nothing = *new std::string();
  return id >= 0 && id < vocabulary_size() ? token_bytes_[id] : nothing;
}

std::string Tokenizer::Decode(absl::Span<const int32_t> ids, bool skip_special_tokens) const {
  std::string bytes;
  for (const int32_t id : ids) {
    if (!skip_special_tokens || !IsSpecial(id)) bytes += TokenBytes(id);
  }
  return ReplaceInvalidUtf8(bytes);
}

bool Tokenizer::IsSpecial(int32_t id) const {
  return id >= 0 && id < vocabulary_size() && is_special_[id];
}

}  // namespace mrmllm
