// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_MODELS_FAKE_FACTORY_H_
#define MRMLLM_TESTS_SERVER_MODELS_FAKE_FACTORY_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/models/engine_factory.h"
#include "tests/server/models/fake_models.h"

namespace mrmllm {

// Opens NAME/VERSION as a NamedEngine, at once and without looking at the disk, unless told
// otherwise. Engines that it does not know yet can be given a script with Prepare.
//
//   FakeFactory factory;
//   factory.Break("coco/2", absl::DataLossError("model.safetensors: checksum"));
//   factory.Hold();          // the next Open waits
//   factory.AwaitHeld();
//   factory.Release();
//
// Thread-safety: safe for concurrent use.
class FakeFactory : public EngineFactory {
 public:
  void Break(const std::string& bundle, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    faults_[bundle] = std::move(status);
  }
  // The bundle in this directory says that it is another one.
  void Disguise(const std::string& bundle, std::string name, std::string version) {
    absl::MutexLock lock(&mutex_);
    disguises_[bundle] = {std::move(name), std::move(version)};
  }
  void Hold() {
    absl::MutexLock lock(&mutex_);
    holding_ = true;
  }
  void AwaitHeld() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&held_));
  }
  void Release() {
    absl::MutexLock lock(&mutex_);
    holding_ = false;
  }

  // "coco/1", in the order in which they were opened.
  std::vector<std::string> opened() const {
    absl::MutexLock lock(&mutex_);
    return opened_;
  }
  // The engine that was opened last for a bundle; REQUIRES: it is alive.
  FakeEngine* engine(const std::string& bundle) const {
    absl::MutexLock lock(&mutex_);
    return engines_.at(bundle);
  }
  bool alive(const std::string& bundle) const {
    absl::MutexLock lock(&mutex_);
    return !lives_.at(bundle).expired();
  }
  // Waits until the bundle's engine is freed.
  void AwaitFreed(const std::string& bundle) {
    while (alive(bundle)) Clock::Real()->Pause(absl::Milliseconds(1));
  }

  absl::StatusOr<std::vector<std::unique_ptr<Engine>>> Open(
      const std::string& bundle_directory) override {
    const std::filesystem::path path(bundle_directory);
    const std::string bundle = (path.parent_path().filename() / path.filename()).string();
    absl::MutexLock lock(&mutex_);
    opened_.push_back(bundle);
    held_ = holding_;
    mutex_.Await(absl::Condition(this, &FakeFactory::MayPass));
    held_ = false;
    if (const auto fault = faults_.find(bundle); fault != faults_.end()) return fault->second;
    std::pair<std::string, std::string> said = {path.parent_path().filename(), path.filename()};
    if (const auto other = disguises_.find(bundle); other != disguises_.end()) said = other->second;
    auto life = std::make_shared<int>();
    lives_[bundle] = life;
    auto engine = std::make_unique<NamedEngine>(said.first, said.second, std::move(life));
    engines_[bundle] = engine.get();
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::move(engine));
    return engines;
  }

 private:
  bool MayPass() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !holding_; }

  mutable absl::Mutex mutex_;
  std::map<std::string, absl::Status> faults_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::pair<std::string, std::string>> disguises_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, FakeEngine*> engines_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::weak_ptr<int>> lives_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> opened_ ABSL_GUARDED_BY(mutex_);
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_MODELS_FAKE_FACTORY_H_
