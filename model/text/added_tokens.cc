// SPDX-License-Identifier: Apache-2.0
#include "model/text/added_tokens.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <utility>

#include "model/text/utf8.h"

namespace mrmllm {
namespace {

// What \w matches (Unicode TR 18, annex C).
bool IsWordCharacter(char32_t character) {
  const auto code_point = static_cast<UChar32>(character);
  constexpr uint32_t kMask = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_hasBinaryProperty(code_point, UCHAR_ALPHABETIC) ||
         (U_GET_GC_MASK(code_point) & kMask) != 0 ||
         u_hasBinaryProperty(code_point, UCHAR_JOIN_CONTROL);
}

// Where the last character of `text` begins. REQUIRES: `text` is not empty.
size_t LastCharacterBegin(std::string_view text) {
  size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80) --begin;
  return begin;
}

bool EndsWithWord(std::string_view text) {
  if (text.empty()) return false;
  size_t offset = LastCharacterBegin(text);
  return IsWordCharacter(DecodeUtf8(text, offset));
}

bool StartsWithWord(std::string_view text) {
  size_t offset = 0;
  return !text.empty() && IsWordCharacter(DecodeUtf8(text, offset));
}

size_t TrailingSpaceBegin(std::string_view text) {
  while (!text.empty()) {
    const size_t begin = LastCharacterBegin(text);
    size_t offset = begin;
    if (!u_isUWhiteSpace(static_cast<UChar32>(DecodeUtf8(text, offset)))) break;
    text = text.substr(0, begin);
  }
  return text.size();
}

size_t LeadingSpaceEnd(std::string_view text) {
  size_t end = 0;
  for (size_t offset = 0; offset < text.size(); end = offset) {
    if (!u_isUWhiteSpace(static_cast<UChar32>(DecodeUtf8(text, offset)))) break;
  }
  return end;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::stable_sort(tokens_.begin(), tokens_.end(), [](const AddedToken& a, const AddedToken& b) {
    return a.content.size() > b.content.size();
  });
  for (const AddedToken& token : tokens_) {
    begins_token_[static_cast<uint8_t>(token.content[0])] = true;
  }
}

const AddedToken* AddedTokens::LongestAt(std::string_view text) const {
  if (!begins_token_[static_cast<uint8_t>(text[0])]) return nullptr;
  for (const AddedToken& token : tokens_) {
    if (text.substr(0, token.content.size()) == token.content) return &token;
  }
  return nullptr;
}

std::vector<TextSegment> AddedTokens::Split(std::string_view text, bool match_special) const {
  std::vector<TextSegment> segments;
  size_t covered = 0;
  for (size_t position = 0; position < text.size();) {
    const AddedToken* token = LongestAt(text.substr(position));
    if (token == nullptr) {
      ++position;
      continue;
    }
    size_t begin = position;
    size_t end = position + token->content.size();
    position = end;
    if (token->special && !match_special) continue;
    if (token->single_word &&
        (EndsWithWord(text.substr(0, begin)) || StartsWithWord(text.substr(end)))) {
      continue;
    }
    if (token->lstrip) begin = std::max(covered, TrailingSpaceBegin(text.substr(0, begin)));
    if (token->rstrip) end += LeadingSpaceEnd(text.substr(end));
    if (covered < begin) {
      segments.push_back({TextSegment::kPlainText, text.substr(covered, begin - covered)});
    }
    segments.push_back({token->id, text.substr(begin, end - begin)});
    // A token of white space is found again in what `rstrip` took, as in Hugging Face's code.
    covered = end;
  }
  if (covered < text.size()) segments.push_back({TextSegment::kPlainText, text.substr(covered)});
  return segments;
}

}  // namespace mrmllm
