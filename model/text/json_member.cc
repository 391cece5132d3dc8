// SPDX-License-Identifier: Apache-2.0
#include "model/text/json_member.h"

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

using Json = nlohmann::json;

std::string Shown(const Json& value) {
  constexpr size_t kMaxShown = 80;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMaxShown) text = absl::StrCat(text.substr(0, kMaxShown), "...");
  return text;
}

}  // namespace

absl::Status Unexpected(const std::string& key, const std::string& expected, const Json& came) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", key, "': expected ", expected, ", got ", Shown(came)));
}

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

absl::StatusOr<std::string> TextMember(const Json& object, const std::string& where,
                                       const char* name) {
  const Json& value = Member(object, name);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return Unexpected(absl::StrCat(where, ".", name), "a text that is not empty", value);
  }
  return value.get<std::string>();
}

}  // namespace mrmllm
