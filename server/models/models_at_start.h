// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODELS_AT_START_H_
#define MRMLLM_SERVER_MODELS_MODELS_AT_START_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "server/models/model_repository.h"

namespace mrmllm {

// One version of one name.
struct ModelReference {
  std::string name;
  std::string version;

  bool operator==(const ModelReference&) const = default;
};

// What `models.load` asks for: "coco-135m,pets@2", names with or without a version, blanks around
// them ignored; a name alone is its newest version. Empty: the newest of every name.
// Errors: INVALID_ARGUMENT names the entry at fault; NOT_FOUND what the repository does not have,
// also when it is empty.
absl::StatusOr<std::vector<ModelReference>> ModelsAtStart(const ModelRepository& repository,
                                                          std::string_view load);

// The name that serves requests without one: `wanted`, or with an empty `wanted` the only name in
// `models`. Errors: INVALID_ARGUMENT when there are several, or `wanted` is none of them.
absl::StatusOr<std::string> DefaultModel(const std::vector<ModelReference>& models,
                                         std::string_view wanted);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODELS_AT_START_H_
