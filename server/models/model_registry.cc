// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_views.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {

ModelRegistry::ModelRegistry(std::string default_name, std::function<void()> on_change)
    : on_change_(std::move(on_change)),
      disposal_(nullptr),
      default_name_(std::move(default_name)) {}

ModelRegistry::~ModelRegistry() { StopAll(); }

absl::StatusOr<std::shared_ptr<ServedModel>> ModelRegistry::Find(std::string_view name,
                                                                 std::string_view version) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto of_name = names_.find(name.empty() ? default_name_ : name);
  if (of_name == names_.end()) return NotFound(name, version);
  if (version.empty()) {
    if (of_name->second.active == nullptr) return NotFound(name, version);
    return of_name->second.active;
  }
  const auto found = of_name->second.versions.find(version);
  if (found == of_name->second.versions.end()) return NotFound(name, version);
  return found->second;
}

absl::Status ModelRegistry::NotFound(std::string_view name, std::string_view version) const {
  std::vector<std::string> known;
  for (const auto& [known_name, versions] : names_) {
    for (const auto& [known_version, model] : versions.versions) {
      known.push_back(absl::StrCat(known_name, " ", known_version));
    }
  }
  std::string asked =
      absl::StrCat(name.empty() ? "the default model" : Quoted(name),
                   version.empty() ? "" : " version ", version.empty() ? "" : Quoted(version));
  return ResourceNotFound(
      "model", absl::StrCat(Quoted(name), version.empty() ? "" : "@", Quoted(version)),
      absl::StrCat("model: expected one that is loaded (",
                   known.empty() ? "none is" : absl::StrJoin(known, ", "), "), got ", asked));
}

void ModelRegistry::Activate(std::unique_ptr<ServedModel> model) {
  std::shared_ptr<ServedModel> shared = disposal_.Share(std::move(model));
  std::shared_ptr<ServedModel> replaced;  // let go without the lock
  {
    absl::MutexLock lock(&mutex_);
    const EngineInfo& info = shared->info();
    if (default_name_.empty()) default_name_ = info.model_name;
    Name& name = names_[info.model_name];
    replaced = std::exchange(name.versions[info.model_version], shared);
    if (replaced != nullptr) draining_.push_back(replaced);
    name.active = std::move(shared);
  }
  if (on_change_) on_change_();
}

std::vector<std::shared_ptr<ServedModel>> ModelRegistry::All() const {
  std::vector<std::shared_ptr<ServedModel>> all;
  absl::ReaderMutexLock lock(&mutex_);
  for (const auto& [name, versions] : names_) {
    for (const auto& [version, model] : versions.versions) all.push_back(model);
  }
  for (const std::weak_ptr<ServedModel>& leaving : draining_) {
    if (std::shared_ptr<ServedModel> model = leaving.lock()) all.push_back(std::move(model));
  }
  return all;
}

void ModelRegistry::StopAll() {
  for (const auto& model : All()) model->scheduler().Stop();
}

}  // namespace mrmllm
