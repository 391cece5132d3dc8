// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/checkpoint/mapped_file.h"
#include "model/checkpoint/safetensors_header.h"
#include "model/json_text.h"

namespace mrmllm {
namespace {

using nlohmann::json;

std::optional<at::ScalarType> ToScalarType(const std::string& dtype) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "F64") return at::kDouble;
  if (dtype == "I64") return at::kLong;
  if (dtype == "I32") return at::kInt;
  if (dtype == "U8") return at::kByte;
  return std::nullopt;
}

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// A shard's name in an index comes from outside: it must be a plain file name.
bool IsPlainFileName(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

absl::StatusOr<std::map<std::string, std::set<std::string>>> ReadIndex(const std::string& path) {
  ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  const absl::StatusOr<json> parsed = ParseJson(file->bytes());
  if (!parsed.ok()) return At(path, parsed.status());
  const json& index = *parsed;
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": expected an object with weight_map"));
  }
  std::map<std::string, std::set<std::string>> names_by_shard;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    if (!shard.is_string() || !IsPlainFileName(shard.get<std::string>())) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": weight_map['", name, "']: expected a file name, got ",
                       shard.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 200)));
    }
    names_by_shard[shard.get<std::string>()].insert(name);
  }
  return names_by_shard;
}

}  // namespace

absl::StatusOr<TensorMap> MapSafetensors(const std::string& path) {
  ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  auto entries = ParseSafetensorsHeader(file->bytes());
  if (!entries.ok()) return At(path, entries.status());
  TensorMap tensors;
  for (const SafetensorsEntry& entry : *entries) {
    std::optional<at::ScalarType> dtype = ToScalarType(entry.dtype);
    if (!dtype) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": tensor '", entry.name, "': dtype: no use for ", entry.dtype));
    }
    char* data = const_cast<char*>(file->bytes().data()) + entry.begin;
    tensors[entry.name] = torch::from_blob(
        data, entry.shape, [file](void*) {}, torch::TensorOptions().dtype(*dtype));
  }
  return tensors;
}

absl::StatusOr<TensorMap> MapCheckpoint(const std::string& directory) {
  const std::string index_path = absl::StrCat(directory, "/model.safetensors.index.json");
  std::error_code ignored;
  if (!std::filesystem::exists(index_path, ignored)) {
    return MapSafetensors(absl::StrCat(directory, "/model.safetensors"));
  }
  ASSIGN_OR_RETURN(auto names_by_shard, ReadIndex(index_path));
  TensorMap all;
  for (const auto& [shard, names] : names_by_shard) {
    const std::string path = absl::StrCat(directory, "/", shard);
    ASSIGN_OR_RETURN(TensorMap tensors, MapSafetensors(path));
    for (auto& [name, tensor] : tensors) {
      if (!names.contains(name)) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": holds '", name, "', which the index does not place there"));
      }
      all.emplace(name, tensor);
    }
    if (tensors.size() != names.size()) {
      for (const std::string& name : names) {
        if (!tensors.contains(name)) {
          return absl::InvalidArgumentError(
              absl::StrCat(path, ": the index places '", name, "' there, but it is missing"));
        }
      }
    }
  }
  return all;
}

}  // namespace mrmllm
