// SPDX-License-Identifier: Apache-2.0
#include "model/json_fields.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using nlohmann::json;

const json& Null() {
  static const json& null = *new json;
  return null;
}

const json& EmptyObject() {
  static const json& object = *new json(json::object());
  return object;
}

bool IsInt(const json& value, int64_t lowest, int64_t highest) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    return false;
  return value.get<int64_t>() >= lowest && value.get<int64_t>() <= highest;
}

bool IsNumber(const json& value, double lowest, double highest) {
  return value.is_number() && value.get<double>() >= lowest && value.get<double>() <= highest;
}

}  // namespace

JsonFields::JsonFields(const json& object, std::string path, absl::Status* status)
    : object_(object.is_object() ? object : EmptyObject()),
      path_(std::move(path)),
      status_(status) {
  if (!object.is_object() && status_->ok()) {
    *status_ = absl::InvalidArgumentError(
        absl::StrCat(path_, ": expected an object, got ", object.type_name()));
  }
}

std::string JsonFields::Path(std::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", AbslView(key));
}

void JsonFields::Fail(std::string_view key, std::string_view expected, const json& got) {
  if (!status_->ok()) return;
  const std::string text = got.dump(-1, ' ', false, json::error_handler_t::replace);
  *status_ = absl::InvalidArgumentError(
      absl::StrCat(Path(key), ": expected ", AbslView(expected), ", got ", text.substr(0, 120)));
}

const json& JsonFields::Get(std::string_view key, std::string_view expected) {
  read_.emplace(key);
  auto it = object_.find(std::string(key));
  if (it != object_.end()) return *it;
  if (status_->ok()) {
    *status_ = absl::InvalidArgumentError(
        absl::StrCat(Path(key), ": expected ", AbslView(expected), ", got nothing"));
  }
  return Null();
}

int64_t JsonFields::Int(std::string_view key, int64_t lowest, int64_t highest) {
  const std::string expected = absl::StrCat("a whole number in [", lowest, ", ", highest, "]");
  const json& value = Get(key, expected);
  if (IsInt(value, lowest, highest)) return value.get<int64_t>();
  Fail(key, expected, value);
  return 0;
}

double JsonFields::Number(std::string_view key, double lowest, double highest) {
  const std::string expected = absl::StrCat("a number in [", lowest, ", ", highest, "]");
  const json& value = Get(key, expected);
  if (IsNumber(value, lowest, highest)) return value.get<double>();
  Fail(key, expected, value);
  return 0;
}

bool JsonFields::Bool(std::string_view key) {
  const json& value = Get(key, "true or false");
  if (value.is_boolean()) return value.get<bool>();
  Fail(key, "true or false", value);
  return false;
}

std::string JsonFields::String(std::string_view key) {
  const json& value = Get(key, "a string");
  if (value.is_string()) return value.get<std::string>();
  Fail(key, "a string", value);
  return "";
}

std::string JsonFields::Choice(std::string_view key, const std::vector<std::string>& allowed) {
  std::string value = String(key);
  for (const std::string& choice : allowed) {
    if (value == choice) return value;
  }
  Fail(key, absl::StrCat("one of ", absl::StrJoin(allowed, ", ")), value);
  return "";
}

std::vector<int64_t> JsonFields::Ints(std::string_view key, int64_t lowest, int64_t highest) {
  const std::string expected =
      absl::StrCat("an array of whole numbers in [", lowest, ", ", highest, "]");
  const json& value = Get(key, expected);
  std::vector<int64_t> result;
  bool good = value.is_array();
  for (size_t i = 0; good && i < value.size(); ++i) {
    good = IsInt(value[i], lowest, highest);
    if (good) result.push_back(value[i].get<int64_t>());
  }
  if (!good) Fail(key, expected, value);
  return result;
}

std::vector<double> JsonFields::Numbers(std::string_view key, size_t count, double lowest,
                                        double highest) {
  const std::string expected =
      absl::StrCat("an array of ", count, " numbers in [", lowest, ", ", highest, "]");
  const json& value = Get(key, expected);
  std::vector<double> result;
  bool good = value.is_array() && value.size() == count;
  for (size_t i = 0; good && i < value.size(); ++i) {
    good = IsNumber(value[i], lowest, highest);
    if (good) result.push_back(value[i].get<double>());
  }
  if (!good) Fail(key, expected, value);
  return result;
}

std::vector<std::string> JsonFields::Strings(std::string_view key) {
  const json& value = Get(key, "an array of strings");
  std::vector<std::string> result;
  bool good = value.is_array();
  for (size_t i = 0; good && i < value.size(); ++i) {
    good = value[i].is_string();
    if (good) result.push_back(value[i].get<std::string>());
  }
  if (!good) Fail(key, "an array of strings", value);
  return result;
}

const json& JsonFields::Object(std::string_view key) {
  const json& value = Get(key, "an object");
  if (value.is_object()) return value;
  Fail(key, "an object", value);
  return EmptyObject();
}

const json& JsonFields::Array(std::string_view key) {
  static const json& empty = *new json(json::array());
  const json& value = Get(key, "an array");
  if (value.is_array()) return value;
  Fail(key, "an array", value);
  return empty;
}

void JsonFields::Finish() {
  for (const auto& [key, value] : object_.items()) {
    if (!read_.contains(key)) Fail(key, "no such key", value);
  }
}

}  // namespace mrmllm
