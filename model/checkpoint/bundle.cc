// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/bundle.h"

#include <openssl/sha.h>

#include <filesystem>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "model/checkpoint/mapped_file.h"

namespace mrmllm {
namespace {

// What a bundle cannot be without; weights may also come in shards, which the index names.
constexpr const char* kMustBeChecked[] = {"config.json", "tokenizer.json"};

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace

absl::Status VerifyChecksums(const std::string& directory) {
  const std::string list_path = absl::StrCat(directory, "/checksums.txt");
  ASSIGN_OR_RETURN(auto list, MappedFile::Open(list_path));
  std::set<std::string> seen;
  for (absl::string_view line : absl::StrSplit(AbslView(list->bytes()), '\n', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    // `sha256sum` writes the digest, a space, a space or a star, and the name.
    absl::string_view name = parts.second.empty() ? parts.second : parts.second.substr(1);
    if (parts.first.size() != 2 * SHA256_DIGEST_LENGTH || name.empty() ||
        name.find('/') != name.npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          list_path, ": expected '<64 hex digits>  <file name>', got '", line.substr(0, 200), "'"));
    }
    const std::string path = absl::StrCat(directory, "/", name);
    ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
    if (std::string actual = Sha256Hex(file->bytes()); actual != parts.first) {
      return absl::DataLossError(absl::StrCat(path, ": checksum: expected ", parts.first, ", got ",
                                              actual, "; the file is corrupt or was changed"));
    }
    seen.emplace(name);
  }
  for (const char* name : kMustBeChecked) {
    if (!seen.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat(list_path, ": has no line for ", name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Bundle> Bundle::Load(const std::string& directory, const Options& options) {
  Bundle bundle;
  const std::string config_path = absl::StrCat(directory, "/config.json");
  ASSIGN_OR_RETURN(auto config_file, MappedFile::Open(config_path));
  if (options.verify_checksums) RETURN_IF_ERROR(VerifyChecksums(directory));
  auto config = ModelConfig::Parse(config_file->bytes());
  if (!config.ok()) {
    return absl::Status(config.status().code(),
                        absl::StrCat(config_path, ": ", config.status().message()));
  }
  bundle.config = *std::move(config);
  ASSIGN_OR_RETURN(bundle.tensors, MapCheckpoint(directory));
  const std::string adapters_path = absl::StrCat(directory, "/adapters.safetensors");
  if (bundle.config.adapters.has_value()) {
    ASSIGN_OR_RETURN(bundle.adapters, MapSafetensors(adapters_path));
  } else if (std::error_code ignored; std::filesystem::exists(adapters_path, ignored)) {
    return absl::InvalidArgumentError(
        absl::StrCat(adapters_path, ": is there, but config.json has no adapters"));
  }
  bundle.tokenizer_path = absl::StrCat(directory, "/tokenizer.json");
  return bundle;
}

}  // namespace mrmllm
