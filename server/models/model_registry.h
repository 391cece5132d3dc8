// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_
#define MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "server/models/model_disposal.h"
#include "server/models/model_status.h"
#include "server/models/observer.h"
#include "server/models/served_model.h"

namespace mrmllm {

// The models that are served, by name and version. Of each name one version is active: it serves
// the requests that name no version. One name is the default: it serves those that name nothing.
//
//   ModelRegistry models({.observer = &telemetry});
//   models.Activate(std::move(model), OtherVersions::kDrain);
//   ASSIGN_OR_RETURN(std::shared_ptr<ServedModel> model, models.Find("", ""));
//
// A switch is one step: every request finds the old version or the new one. A model that leaves the
// registry drains: whoever has found it keeps it until the request has ended, and with its last
// request it is freed.
//
// Thread-safety: safe for concurrent use. Ownership: owns the models; the destructor stops them all
// and waits until nobody holds one. The observer outlives it.
class ModelRegistry {
 public:
  struct Options {
    ModelObserver* observer = nullptr;  // may be null
    // Called after each change of what List says, with no lock held; may be empty.
    std::function<void()> on_change;
  };

  explicit ModelRegistry(Options options);
  ~ModelRegistry();

  // Until this is called, the name of the first model that was activated.
  void SetDefault(std::string name);

  // The version of the name that a request asks for; empty: the active one, of the default model.
  // NOT_FOUND names those that are loaded.
  absl::StatusOr<std::shared_ptr<ServedModel>> Find(std::string_view name,
                                                    std::string_view version) const;

  // Takes the model in, makes it the active one of its name and returns it. A model with its name
  // and version is replaced, and drains.
  std::shared_ptr<ServedModel> Activate(std::unique_ptr<ServedModel> model, OtherVersions others);

  // The same for a version that is loaded already; null, and nothing is done, when it is not.
  std::shared_ptr<ServedModel> ActivateLoaded(std::string_view name, std::string_view version,
                                              OtherVersions others);

  // Takes one version of the name, or with an empty `version` all of them, out of service. When the
  // active one goes and others stay, the newest of them becomes active. Returns what drains now.
  // Errors: NOT_FOUND names those that are loaded; FAILED_PRECONDITION when nothing would be left
  // to serve and `allow_none` is false.
  absl::StatusOr<std::vector<ModelStatus>> Unload(std::string_view name, std::string_view version,
                                                  bool allow_none);

  // What List then says of a version that is not loaded: that it is being loaded, or why that has
  // failed. Activate and Unload clear it.
  void NoteLoading(const std::string& name, const std::string& version);
  void NoteFailure(const std::string& name, const std::string& version, const absl::Status& status);

  // By name and version; of equal ones those that serve come first.
  std::vector<ModelStatus> List() const;

  // Those that serve and those that drain.
  std::vector<std::shared_ptr<ServedModel>> All() const;

  // Ends every request of every model.
  void StopAll();

  // Evictions of the feature caches of models that have been freed.
  int64_t evictions_of_freed() const;

 private:
  struct ByVersion {
    bool operator()(const std::string& a, const std::string& b) const { return IsOlder(a, b); }
  };
  struct Name {
    std::map<std::string, std::shared_ptr<ServedModel>, ByVersion> versions;
    std::shared_ptr<ServedModel> active;  // null: none is loaded
  };
  using Models = std::vector<std::shared_ptr<ServedModel>>;

  absl::Status NotFound(std::string_view name, std::string_view version) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Makes `model`, which is in `versions`, active; what has to drain for it leaves.
  Models Switch(Name* name, const std::shared_ptr<ServedModel>& model, OtherVersions others)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int loaded() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Tells of a change; lets go of `leaving` last.
  void Announce(const ServedModel* active, const Models& leaving) ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteFreed(const ServedModel& model) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  std::unique_ptr<ModelDisposal> disposal_;
  std::string default_name_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Name, std::less<>> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<ServedModel>> draining_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, ModelStatus> notes_ ABSL_GUARDED_BY(mutex_);
  int64_t evictions_of_freed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_REGISTRY_H_
