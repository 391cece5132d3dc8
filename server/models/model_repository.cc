// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_repository.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/models/model_status.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxVersionDigits = 18;

bool IsNameByte(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

absl::Status NotThere(std::string_view what, std::string_view directory,
                      const std::vector<std::string>& known) {
  return absl::NotFoundError(absl::StrCat(AbslView(directory), ": has no ", AbslView(what),
                                          "; it has ",
                                          known.empty() ? "none" : absl::StrJoin(known, ", ")));
}

}  // namespace

absl::Status CheckModelName(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxNameBytes && name.front() != '.' &&
      std::ranges::all_of(name, IsNameByte)) {
    return absl::OkStatus();
  }
  return InvalidField(
      "name", absl::StrCat("expected 1 to ", kMaxNameBytes,
                           " characters of [A-Za-z0-9._-], the first no dot, got ", Quoted(name)));
}

absl::Status CheckModelVersion(std::string_view version) {
  const bool leading_zero = version.size() > 1 && version.front() == '0';
  if (!version.empty() && version.size() <= kMaxVersionDigits && !leading_zero &&
      std::ranges::all_of(version, absl::ascii_isdigit)) {
    return absl::OkStatus();
  }
  return InvalidField("version",
                      absl::StrCat("expected a whole number of up to ", kMaxVersionDigits,
                                   " digits without leading zeros, got ", Quoted(version)));
}

absl::StatusOr<std::vector<std::string>> ModelRepository::Folders(const std::string& directory,
                                                                  Check check) const {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  std::vector<std::string> found;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code unreadable;
    std::string name = entries->path().filename().string();
    if (check(name).ok() && entries->is_directory(unreadable)) found.push_back(std::move(name));
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("models.repository: cannot read ", directory, ": ", error.message()));
  }
  return found;
}

absl::StatusOr<std::vector<std::string>> ModelRepository::Names() const {
  ASSIGN_OR_RETURN(std::vector<std::string> names, Folders(directory_, &CheckModelName));
  std::erase_if(names, [this](const std::string& name) { return !Newest(name).ok(); });
  std::ranges::sort(names);
  return names;
}

absl::StatusOr<std::vector<std::string>> ModelRepository::Versions(std::string_view name) const {
  RETURN_IF_ERROR(CheckModelName(name));
  ASSIGN_OR_RETURN(std::vector<std::string> names, Folders(directory_, &CheckModelName));
  if (std::ranges::find(names, name) == names.end()) {
    std::ranges::sort(names);
    return NotThere(absl::StrCat("model ", AbslView(name)), directory_, names);
  }
  const std::string folder = absl::StrCat(directory_, "/", AbslView(name));
  ASSIGN_OR_RETURN(std::vector<std::string> versions, Folders(folder, &CheckModelVersion));
  if (versions.empty()) return NotThere("version", folder, versions);
  std::ranges::sort(versions, IsOlder);
  return versions;
}

absl::StatusOr<std::string> ModelRepository::Newest(std::string_view name) const {
  ASSIGN_OR_RETURN(std::vector<std::string> versions, Versions(name));
  return std::move(versions.back());
}

absl::StatusOr<std::string> ModelRepository::BundleDirectory(std::string_view name,
                                                             std::string_view version) const {
  RETURN_IF_ERROR(CheckModelVersion(version));
  ASSIGN_OR_RETURN(std::vector<std::string> versions, Versions(name));
  const std::string folder = absl::StrCat(directory_, "/", AbslView(name));
  if (std::ranges::find(versions, version) == versions.end()) {
    return NotThere(absl::StrCat("version ", AbslView(version)), folder, versions);
  }
  return absl::StrCat(folder, "/", AbslView(version));
}

}  // namespace mrmllm
