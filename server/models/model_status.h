// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_STATUS_H_
#define MRMLLM_SERVER_MODELS_MODEL_STATUS_H_

#include <memory>
#include <string>
#include <string_view>

#include "server/models/served_model.h"

namespace mrmllm {

enum class ModelState {
  kLoading,
  kReady,
  kDraining,  // finishes what it has
  kFailed,    // could not be loaded
};

// One version of a bundle, as a platform team sees it.
struct ModelStatus {
  std::string name;
  std::string version;
  ModelState state = ModelState::kReady;
  bool active = false;                 // serves the requests for its name that name no version
  bool is_default = false;             // active, and serves those that name nothing
  std::string failure;                 // of kFailed: the file and what is wrong with it
  std::shared_ptr<ServedModel> model;  // null while there is none: kLoading, kFailed
};

// What becomes of the other versions of a name when one is activated.
enum class OtherVersions {
  kDrain,
  kKeep,  // they stay, for requests that name them
};

// The order of versions, which are numbers without leading zeros: the longer one is the newer.
inline bool IsOlder(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_STATUS_H_
