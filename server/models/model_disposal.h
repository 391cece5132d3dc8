// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_MODEL_DISPOSAL_H_
#define MRMLLM_SERVER_MODELS_MODEL_DISPOSAL_H_

#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "server/models/served_model.h"

namespace mrmllm {

// Frees models on a thread of its own. A model's last request ends on the model's own executor,
// which cannot join itself.
//
//   ModelDisposal disposal([](const ServedModel& model) { ... its last moment ... });
//   std::shared_ptr<ServedModel> model = disposal.Share(std::move(owned));
//
// Thread-safety: safe for concurrent use; the last reference may go on any thread. Ownership: the
// destructor waits until every model that was shared has come back, and frees it.
class ModelDisposal {
 public:
  // `before_free` may be empty; it is called on the disposal's thread.
  explicit ModelDisposal(std::function<void(const ServedModel&)> before_free);
  ~ModelDisposal();
  ModelDisposal(const ModelDisposal&) = delete;
  ModelDisposal& operator=(const ModelDisposal&) = delete;

  std::shared_ptr<ServedModel> Share(std::unique_ptr<ServedModel> model);

 private:
  void Run();
  void TakeBack(ServedModel* model);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !returned_.empty() || (stopping_ && shared_ == 0);
  }

  const std::function<void(const ServedModel&)> before_free_;
  absl::Mutex mutex_;
  std::deque<std::unique_ptr<ServedModel>> returned_ ABSL_GUARDED_BY(mutex_);
  int shared_ ABSL_GUARDED_BY(mutex_) = 0;  // and not returned
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_MODEL_DISPOSAL_H_
