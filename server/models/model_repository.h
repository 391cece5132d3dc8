// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_REPOSITORY_H_
#define MRMLLM_SERVER_MODELS_MODEL_REPOSITORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mrmllm {

// Names: 1 to 64 characters of [A-Za-z0-9._-], the first of them no dot.
// Versions: decimal numbers without leading zeros, up to 18 digits.
// Errors: INVALID_ARGUMENT says what was expected and what came.
absl::Status CheckModelName(std::string_view name);
absl::Status CheckModelVersion(std::string_view version);

// A directory of bundles, NAME/VERSION/, as it is at the moment of each question. What is not named
// like a name or a version is not seen.
//
//   ModelRepository repository("/models");
//   ASSIGN_OR_RETURN(auto version, repository.Newest("coco-135m"));
//   ASSIGN_OR_RETURN(auto directory, repository.BundleDirectory("coco-135m", version));
//
// Thread-safety: safe for concurrent use; reads the disk.
// Errors: INVALID_ARGUMENT for what is no name or no version, NOT_FOUND for what is not there, with
// what is; FAILED_PRECONDITION when the directory cannot be read.
class ModelRepository {
 public:
  explicit ModelRepository(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }

  // Those with at least one version, in alphabetical order.
  absl::StatusOr<std::vector<std::string>> Names() const;
  // Ascending, at least one.
  absl::StatusOr<std::vector<std::string>> Versions(std::string_view name) const;
  absl::StatusOr<std::string> Newest(std::string_view name) const;
  absl::StatusOr<std::string> BundleDirectory(std::string_view name,
                                              std::string_view version) const;

 private:
  // The folders of `directory` whose names pass the check.
  using Check = absl::Status (*)(std::string_view);
  absl::StatusOr<std::vector<std::string>> Folders(const std::string& directory, Check check) const;

  const std::string directory_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_REPOSITORY_H_
