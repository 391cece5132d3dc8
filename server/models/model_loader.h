// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_LOADER_H_
#define MRMLLM_SERVER_MODELS_MODEL_LOADER_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/clock.h"
#include "server/models/engine_factory.h"
#include "server/models/model_registry.h"
#include "server/models/model_repository.h"
#include "server/models/observer.h"
#include "server/models/served_model.h"
#include "server/scheduling/devices/load_sum.h"

namespace mrmllm {

// Brings models from disk into the registry: at the start on the caller's thread, later on one of
// its own, one after the other. A version is loaded and warmed up beside those that serve, and
// takes over only when it is ready; where it is broken nothing changes.
//
//   ModelLoader loader({.repository = ModelRepository("/models"), .factory = &factory, ...});
//   loader.Load("coco-135m", "2", OtherVersions::kDrain, [](const auto& loaded) { ... });
//
// Thread-safety: safe for concurrent use. Ownership: all that the parts point to outlives it. The
// destructor finishes the load that runs; those that wait end with UNAVAILABLE.
// Errors: INVALID_ARGUMENT for what is no name or version; NOT_FOUND for what the repository does
// not have; FAILED_PRECONDITION for a bundle that is broken, with the file and what is wrong with
// it, and when there is no repository; RESOURCE_EXHAUSTED when memory ran out.
class ModelLoader {
 public:
  struct Parts {
    std::optional<ModelRepository> repository;  // absent: LoadBundle alone
    EngineFactory* factory = nullptr;
    ModelRegistry* models = nullptr;
    LoadSum* loads = nullptr;           // hears the schedulers; may be null
    ModelObserver* observer = nullptr;  // may be null
    Clock* clock = nullptr;
    ServedModel::Options options;
  };
  using Done = std::function<void(const absl::StatusOr<std::shared_ptr<ServedModel>>&)>;

  explicit ModelLoader(Parts parts);
  ~ModelLoader();
  ModelLoader(const ModelLoader&) = delete;
  ModelLoader& operator=(const ModelLoader&) = delete;

  // Returns at once; `done` is called once, on the loader's thread. `version` empty: the newest. A
  // version that is loaded already is activated without a load; a load that was asked for before
  // and has not ended serves both.
  void Load(std::string name, std::string version, OtherVersions others, Done done);

  // The same on the caller's thread. REQUIRES: no other load at the same time.
  absl::StatusOr<std::shared_ptr<ServedModel>> LoadNow(std::string_view name,
                                                       std::string_view version,
                                                       OtherVersions others);

  // A bundle outside a repository, whatever its name and version, on the caller's thread. REQUIRES:
  // no other load at the same time.
  absl::Status LoadBundle(const std::string& directory);

 private:
  struct Job {
    std::string name;
    std::string version;
    OtherVersions others;
    std::vector<Done> done;
  };

  struct ExpectedModel {
    std::string name;
    std::string version;
  };

  static absl::Status Check(const EngineInfo& info, const ExpectedModel& expected);
  absl::StatusOr<std::unique_ptr<ServedModel>> Open(const std::string& directory,
                                                    const std::optional<ExpectedModel>& expected);
  void Run();
  bool HasJobOrStopping() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !jobs_.empty();
  }

  const Parts parts_;
  absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);  // the first one is under way
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_LOADER_H_
