// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using nlohmann::json;

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr size_t kMaxTensors = 100'000;
constexpr size_t kMaxRank = 16;

int64_t ElementBytes(const std::string& dtype) {
  static const auto& sizes = *new std::map<std::string, int64_t>{
      {"F64", 8},  {"I64", 8}, {"U64", 8}, {"F32", 4}, {"I32", 4}, {"U32", 4}, {"F16", 2},
      {"BF16", 2}, {"I16", 2}, {"U16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  auto it = sizes.find(dtype);
  return it == sizes.end() ? 0 : it->second;
}

absl::Status Bad(std::string_view name, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("tensor '", AbslView(name.substr(0, 200)), "': ", AbslView(what)));
}

// nlohmann keeps the last of two equal keys; a file that has two is hostile, so they are counted
// while parsing.
absl::StatusOr<json> ParseObject(std::string_view text) {
  bool duplicate = false;
  bool too_deep = false;
  std::vector<std::set<std::string>> keys;
  auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > 4) too_deep = true;
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key) {
      duplicate |= !keys.back().insert(parsed.get<std::string>()).second;
    }
    return !too_deep;
  };
  json parsed = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (too_deep)
    return absl::InvalidArgumentError("header: nested deeper than a safetensors header is");
  if (parsed.is_discarded() || !parsed.is_object()) {
    return absl::InvalidArgumentError("header: expected a JSON object");
  }
  if (duplicate) return absl::InvalidArgumentError("header: a name occurs twice");
  return parsed;
}

// A whole number >= 0 that fits int64, else -1. (JSON numbers may be negative, fractional or huge.)
int64_t Count(const json& value) {
  if (!value.is_number_unsigned()) return -1;
  uint64_t number = value.get<uint64_t>();
  return number > static_cast<uint64_t>(INT64_MAX) ? -1 : static_cast<int64_t>(number);
}

absl::StatusOr<SafetensorsEntry> ParseEntry(const std::string& name, const json& value,
                                            size_t data_begin, size_t data_bytes) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
      !value.contains("shape") || !value.contains("data_offsets")) {
    return Bad(name, "expected an object of dtype, shape and data_offsets");
  }
  SafetensorsEntry entry{.name = name};
  if (!value["dtype"].is_string()) return Bad(name, "dtype: expected a string");
  entry.dtype = value["dtype"].get<std::string>();
  entry.element_bytes = ElementBytes(entry.dtype);
  if (entry.element_bytes == 0) {
    return Bad(name, absl::StrCat("dtype: unknown '", entry.dtype.substr(0, 32), "'"));
  }
  const json& shape = value["shape"];
  if (!shape.is_array() || shape.size() > kMaxRank) {
    return Bad(name, "shape: expected an array of at most 16 sizes");
  }
  int64_t bytes = entry.element_bytes;
  for (const json& side : shape) {
    int64_t size = Count(side);
    if (size < 0) return Bad(name, "shape: expected whole numbers >= 0");
    if (__builtin_mul_overflow(bytes, size, &bytes)) return Bad(name, "shape: too large");
    entry.shape.push_back(size);
  }
  const json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) {
    return Bad(name, "data_offsets: expected two offsets");
  }
  int64_t begin = Count(offsets[0]);
  int64_t end = Count(offsets[1]);
  if (begin < 0 || end < begin || static_cast<uint64_t>(end) > data_bytes) {
    return Bad(name, absl::StrCat("data_offsets: expected begin <= end <= ", data_bytes,
                                  " (the file's data), got ", offsets.dump().substr(0, 64)));
  }
  if (end - begin != bytes) {
    return Bad(name, absl::StrCat("data_offsets: expected ", bytes,
                                  " bytes for its shape and dtype, got ", end - begin));
  }
  entry.begin = data_begin + begin;
  entry.end = data_begin + end;
  return entry;
}

absl::Status CheckNoHoles(std::vector<const SafetensorsEntry*> entries, size_t data_begin,
                          size_t file_bytes) {
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  size_t expected = data_begin;
  for (const SafetensorsEntry* entry : entries) {
    if (entry->begin != expected) return Bad(entry->name, "data overlaps or leaves a hole");
    expected = entry->end;
  }
  if (expected != file_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("data: expected ", expected, " bytes in the file, got ", file_bytes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SafetensorsEntry>> ParseSafetensorsHeader(std::string_view file) {
  if (file.size() < kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a safetensors file of at least 8 bytes, got ", file.size()));
  }
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data(),
              kLengthBytes);  // little-endian, as every machine we run on
  if (header_bytes > kMaxHeaderBytes || header_bytes > file.size() - kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat("header: its length says ", header_bytes,
                                                   " bytes; the file has ", file.size(),
                                                   " and a header may have ", kMaxHeaderBytes));
  }
  ASSIGN_OR_RETURN(json header, ParseObject(file.substr(kLengthBytes, header_bytes)));
  header.erase("__metadata__");
  if (header.size() > kMaxTensors) {
    return absl::InvalidArgumentError(
        absl::StrCat("header: expected at most ", kMaxTensors, " tensors, got ", header.size()));
  }
  const size_t data_begin = kLengthBytes + header_bytes;
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, value] : header.items()) {
    ASSIGN_OR_RETURN(SafetensorsEntry entry,
                     ParseEntry(name, value, data_begin, file.size() - data_begin));
    entries.push_back(std::move(entry));
  }
  std::vector<const SafetensorsEntry*> by_offset;
  for (const SafetensorsEntry& entry : entries) by_offset.push_back(&entry);
  RETURN_IF_ERROR(CheckNoHoles(std::move(by_offset), data_begin, file.size()));
  return entries;
}

}  // namespace mrmllm
