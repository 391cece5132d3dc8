// SPDX-License-Identifier: Apache-2.0
#include "base/trace_context.h"

#include <algorithm>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

constexpr size_t kParentSize = 55;  // of version 00
constexpr size_t kMaxMembers = 32;
constexpr size_t kMaxStateSize = 512;
constexpr size_t kLongMember = 128;

int HexDigit(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Exactly as many lower-case digits as `bytes` has room for.
bool ReadHex(std::string_view text, absl::Span<uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

bool IsKeyPart(absl::string_view text, size_t longest, bool may_begin_with_digit) {
  if (text.empty() || text.size() > longest) return false;
  if (!absl::ascii_islower(text[0]) && !(may_begin_with_digit && absl::ascii_isdigit(text[0]))) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-' || c == '*' ||
           c == '/';
  });
}

// "vendor" or "tenant@vendor"
bool IsStateKey(absl::string_view key) {
  const size_t at = key.find('@');
  if (at == absl::string_view::npos) return IsKeyPart(key, 256, false);
  return IsKeyPart(key.substr(0, at), 241, true) && IsKeyPart(key.substr(at + 1), 14, false);
}

bool IsStateValue(absl::string_view value) {
  if (value.empty() || value.size() > 256 || value.back() == ' ') return false;
  return std::all_of(value.begin(), value.end(),
                     [](unsigned char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

size_t JoinedSize(const std::vector<absl::string_view>& members) {
  size_t size = members.empty() ? 0 : members.size() - 1;
  for (const absl::string_view member : members) size += member.size();
  return size;
}

void Shorten(std::vector<absl::string_view>* members) {
  for (size_t i = members->size(); i > 0 && JoinedSize(*members) > kMaxStateSize; --i) {
    if ((*members)[i - 1].size() > kLongMember) members->erase(members->begin() + (i - 1));
  }
  while (JoinedSize(*members) > kMaxStateSize) members->pop_back();
}

template <size_t N>
std::array<uint8_t, N> FreshId() {
  static thread_local absl::InsecureBitGen random;
  std::array<uint8_t, N> id{};
  while (IsNone(id)) {
    for (uint8_t& byte : id) byte = absl::Uniform<uint8_t>(random);
  }
  return id;
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view text) {
  if (text.size() < kParentSize) return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::array<uint8_t, 1> version;
  std::array<uint8_t, 1> flags;
  TraceParent parent;
  if (!ReadHex(text, absl::MakeSpan(version)) ||
      !ReadHex(text.substr(3), absl::MakeSpan(parent.trace_id)) ||
      !ReadHex(text.substr(36), absl::MakeSpan(parent.span_id)) ||
      !ReadHex(text.substr(53), absl::MakeSpan(flags))) {
    return std::nullopt;
  }
  if (version[0] == 0xff || IsNone(parent.trace_id) || IsNone(parent.span_id)) return std::nullopt;
  const bool has_more = text.size() > kParentSize;
  if (has_more && (version[0] == 0 || text[kParentSize] != '-')) return std::nullopt;
  parent.sampled = flags[0] & 1;
  return parent;
}

void EndSampling(TraceContext* trace) {
  // A trace that would have begun here is none without its spans.
  const bool callers = !IsNone(trace->parent_id);
  *trace = callers ? TraceContext{.trace_id = trace->trace_id, .parent_id = trace->parent_id}
                   : TraceContext();
}

std::string FormatTraceParent(const TraceParent& parent) {
  return absl::StrCat("00-", TraceHex(parent.trace_id), "-", TraceHex(parent.span_id), "-",
                      parent.sampled ? "01" : "00");
}

std::string CleanTraceState(std::string_view text) {
  std::vector<absl::string_view> members;
  std::vector<absl::string_view> keys;
  for (absl::string_view member : absl::StrSplit(AbslView(text), ',')) {
    // Optional white space is spaces and tabs; the value may begin with a space of its own.
    const size_t begin = member.find_first_not_of(" \t");
    if (begin == absl::string_view::npos) continue;
    member = member.substr(begin, member.find_last_not_of(" \t") - begin + 1);
    const size_t equals = member.find('=');
    if (equals == absl::string_view::npos) return "";
    const absl::string_view key = member.substr(0, equals);
    if (!IsStateKey(key) || !IsStateValue(member.substr(equals + 1))) return "";
    if (std::ranges::find(keys, key) != keys.end()) return "";
    keys.push_back(key);
    members.push_back(member);
    if (members.size() > kMaxMembers) return "";
  }
  Shorten(&members);
  return absl::StrJoin(members, ",");
}

std::string TraceHex(absl::Span<const uint8_t> id) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
}

TraceId FreshTraceId() { return FreshId<16>(); }

SpanId FreshSpanId() { return FreshId<8>(); }

}  // namespace mrmllm
