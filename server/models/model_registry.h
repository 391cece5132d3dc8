// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_
#define MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "server/models/model_disposal.h"
#include "server/models/served_model.h"

namespace mrmllm {

// The models that are served, by name and version. Of each name one version is active: it serves
// the requests that name no version. One name is the default: it serves those that name nothing.
//
//   ModelRegistry models("coco-135m", {});
//   models.Activate(std::move(model));
//   ASSIGN_OR_RETURN(std::shared_ptr<ServedModel> model, models.Find("", ""));
//
// A model that leaves the registry drains: whoever has found it keeps it until the request has
// ended, and with its last request it is freed.
//
// Thread-safety: safe for concurrent use. Ownership: owns the models; the destructor stops them all
// and waits until nobody holds one.
class ModelRegistry {
 public:
  // `default_name` empty: the first model that is activated. `on_change` is called, with no lock
  // held, whenever a model has come, gone or become active; may be empty.
  ModelRegistry(std::string default_name, std::function<void()> on_change);
  ~ModelRegistry();

  // The version of the name that a request asks for; empty: the active one, of the default model.
  // NOT_FOUND names those that are loaded.
  absl::StatusOr<std::shared_ptr<ServedModel>> Find(std::string_view name,
                                                    std::string_view version) const;

  // Takes the model in and makes it the active one of its name. A model with its name and version
  // is replaced, and drains.
  void Activate(std::unique_ptr<ServedModel> model);

  // Those that serve and those that drain.
  std::vector<std::shared_ptr<ServedModel>> All() const;

  // Ends every request of every model.
  void StopAll();

 private:
  struct Name {
    std::map<std::string, std::shared_ptr<ServedModel>, std::less<>> versions;
    std::shared_ptr<ServedModel> active;
  };

  absl::Status NotFound(std::string_view name, std::string_view version) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::function<void()> on_change_;
  ModelDisposal disposal_;  // outlives the references below
  mutable absl::Mutex mutex_;
  std::string default_name_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Name, std::less<>> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<ServedModel>> draining_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_
