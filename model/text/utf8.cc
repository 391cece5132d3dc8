// SPDX-License-Identifier: Apache-2.0
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

// The allowed range of the byte that follows `lead` (Unicode standard, table 3-7), and the length
// of the character; a length of 0: `lead` begins no character.
struct LeadByte {
  size_t length;
  uint8_t second_min;
  uint8_t second_max;
};

LeadByte ClassifyLead(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

Utf8Prefix ReadUtf8Prefix(std::string_view text) {
  const LeadByte lead = ClassifyLead(ByteAt(text, 0));
  if (lead.length == 0) return {Utf8Prefix::Kind::kInvalid, 1};
  for (size_t i = 1; i < lead.length; ++i) {
    if (i == text.size()) return {Utf8Prefix::Kind::kIncomplete, i};
    const uint8_t low = i == 1 ? lead.second_min : 0x80;
    const uint8_t high = i == 1 ? lead.second_max : 0xBF;
    if (ByteAt(text, i) < low || ByteAt(text, i) > high) return {Utf8Prefix::Kind::kInvalid, i};
  }
  return {Utf8Prefix::Kind::kCharacter, lead.length};
}

void AppendReplacingInvalidUtf8(std::string_view bytes, std::string& out,
                                std::string* incomplete_tail) {
  out.reserve(out.size() + bytes.size());
  while (!bytes.empty()) {
    const Utf8Prefix prefix = ReadUtf8Prefix(bytes);
    if (prefix.kind == Utf8Prefix::Kind::kCharacter) {
      out.append(bytes.substr(0, prefix.length));
    } else if (prefix.kind == Utf8Prefix::Kind::kIncomplete && incomplete_tail != nullptr) {
      incomplete_tail->assign(bytes);
    } else {
      out.append(kReplacement);
    }
    bytes.remove_prefix(prefix.length);
  }
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string out;
  AppendReplacingInvalidUtf8(bytes, out);
  return out;
}

char32_t DecodeUtf8(std::string_view text, size_t& offset) {
  const uint8_t lead = ByteAt(text, offset);
  const size_t length = ClassifyLead(lead).length;
  char32_t code_point = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6) | (ByteAt(text, offset + i) & 0x3F);
  }
  offset += length;
  return code_point;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return;
  }
  const int continuation_count = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  constexpr uint8_t kLeadMarks[] = {0, 0xC0, 0xE0, 0xF0};
  out +=
      static_cast<char>(kLeadMarks[continuation_count] | (code_point >> (6 * continuation_count)));
  for (int i = continuation_count - 1; i >= 0; --i) {
    out += static_cast<char>(0x80 | ((code_point >> (6 * i)) & 0x3F));
  }
}

}  // namespace mrmllm
