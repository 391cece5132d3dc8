// SPDX-License-Identifier: Apache-2.0
#include "model/text/tokenizer.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/tokenizer_json.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

template <typename Predicate>
std::vector<AddedToken> Select(const std::vector<AddedToken>& tokens, Predicate predicate) {
  std::vector<AddedToken> selected;
  for (const AddedToken& token : tokens) {
    if (predicate(token)) selected.push_back(token);
  }
  return selected;
}

}  // namespace

Tokenizer::Tokenizer(TokenizerJson parts)
    : pieces_(std::move(parts.pieces)),
      decoding_rules_(std::move(parts.decoding)),
      is_special_(pieces_.size(), false),
      raw_tokens_(Select(parts.added_tokens, [](const AddedToken& t) { return !t.normalized; })),
      normalized_tokens_(std::move(parts.normalized_tokens)),
      special_tokens_(Select(parts.added_tokens, [](const AddedToken& t) { return t.special; })),
      normalizer_(std::move(parts.normalizer)),
      pre_tokenizer_at_start_(std::move(parts.pre_tokenizer_at_start)),
      pre_tokenizer_later_(std::move(parts.pre_tokenizer_later)),
      encoder_(std::move(parts.base_tokens), parts.merges, std::move(parts.whole_words)) {
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

std::vector<int32_t> Tokenizer::Encode(std::string_view text, bool begins_text) const {
  return EncodeReplaced(text, /*match_special=*/false, begins_text);
}

std::vector<int32_t> Tokenizer::EncodeWithSpecialTokens(std::string_view text) const {
  return EncodeReplaced(text, /*match_special=*/true, /*begins_text=*/true);
}

std::vector<int32_t> Tokenizer::EncodeReplaced(std::string_view text, bool match_special,
                                               bool begins_text) const {
  std::vector<int32_t> ids;
  const std::string valid = ReplaceInvalidUtf8(text);
  for (const TextSegment& segment : raw_tokens_.Split(valid, match_special)) {
    if (segment.token_id != TextSegment::kPlainText) {
      ids.push_back(segment.token_id);
    } else if (normalizer_ != nullptr) {
      EncodeSegment(normalizer_->Normalize(segment.text), match_special, begins_text, ids);
    } else {
      EncodeSegment(segment.text, match_special, begins_text, ids);
    }
    begins_text = false;
  }
  return ids;
}

void Tokenizer::EncodeSegment(std::string_view text, bool match_special, bool begins_text,
                              std::vector<int32_t>& ids) const {
  for (const TextSegment& segment : normalized_tokens_.Split(text, match_special)) {
    if (segment.token_id != TextSegment::kPlainText) {
      ids.push_back(segment.token_id);
    } else {
      const PreTokenizer& splitter = begins_text ? *pre_tokenizer_at_start_ : *pre_tokenizer_later_;
      splitter.Split(segment.text, [&](std::string_view word) { encoder_.Encode(word, ids); });
    }
    begins_text = false;
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

const TokenPiece& Tokenizer::Piece(int32_t id) const {
  static const TokenPiece& nothing = *new TokenPiece();
  return id >= 0 && id < vocabulary_size() ? pieces_[id] : nothing;
}

std::string Tokenizer::Decode(absl::Span<const int32_t> ids, bool skip_special_tokens) const {
  TokenDecoder decoder(decoding_rules_);
  std::string text;
  for (const int32_t id : ids) {
    if (!skip_special_tokens || !IsSpecial(id)) text += decoder.Append(Piece(id));
  }
  return text += decoder.Flush();
}

bool Tokenizer::IsSpecial(int32_t id) const {
  return id >= 0 && id < vocabulary_size() && is_special_[id];
}

}  // namespace mrmllm
