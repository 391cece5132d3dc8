// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_registry.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_views.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

ModelStatus StatusOf(std::shared_ptr<ServedModel> model, ModelState state) {
  const EngineInfo& info = model->info();
  return {.name = info.model_name,
          .version = info.model_version,
          .state = state,
          .model = std::move(model)};
}

// "coco" version "2"
std::string Named(std::string_view name, std::string_view version) {
  std::string text = name.empty() ? "the default model" : Quoted(name);
  if (!version.empty()) absl::StrAppend(&text, " version ", Quoted(version));
  return text;
}

}  // namespace

ModelRegistry::ModelRegistry(Options options)
    : options_(std::move(options)),
      disposal_(
          std::make_unique<ModelDisposal>([this](const ServedModel& model) { NoteFreed(model); })) {
}

ModelRegistry::~ModelRegistry() {
  StopAll();
  std::map<std::string, Name, std::less<>> names;
  {
    absl::MutexLock lock(&mutex_);
    names.swap(names_);
  }
  names.clear();
  disposal_.reset();
}

void ModelRegistry::SetDefault(std::string name) {
  {
    absl::MutexLock lock(&mutex_);
    default_name_ = std::move(name);
  }
  if (options_.on_change) options_.on_change();
}

absl::StatusOr<std::shared_ptr<ServedModel>> ModelRegistry::Find(std::string_view name,
                                                                 std::string_view version) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto of_name = names_.find(name.empty() ? default_name_ : name);
  if (of_name == names_.end()) return NotFound(name, version);
  std::shared_ptr<ServedModel> model = of_name->second.active;
  if (!version.empty()) {
    const auto found = of_name->second.versions.find(std::string(version));
    model = found == of_name->second.versions.end() ? nullptr : found->second;
  }
  if (model == nullptr) return NotFound(name, version);
  return model;
}

absl::Status ModelRegistry::NotFound(std::string_view name, std::string_view version) const {
  std::vector<std::string> known;
  for (const auto& [known_name, of_name] : names_) {
    for (const auto& [known_version, model] : of_name.versions) {
      known.push_back(absl::StrCat(known_name, " ", known_version));
    }
  }
  return ResourceNotFound("model", Named(name, version),
                          absl::StrCat("model: expected one that is loaded (",
                                       known.empty() ? "none is" : absl::StrJoin(known, ", "),
                                       "), got ", Named(name, version)));
}

std::shared_ptr<ServedModel> ModelRegistry::Activate(std::unique_ptr<ServedModel> model,
                                                     OtherVersions others) {
  std::shared_ptr<ServedModel> shared = disposal_->Share(std::move(model));
  Models leaving;
  {
    absl::MutexLock lock(&mutex_);
    const EngineInfo& info = shared->info();
    if (default_name_.empty()) default_name_ = info.model_name;
    notes_.erase({info.model_name, info.model_version});
    Name& name = names_[info.model_name];
    if (auto replaced = std::exchange(name.versions[info.model_version], shared)) {
      draining_.push_back(replaced);
      leaving.push_back(std::move(replaced));
    }
    const Models switched = Switch(&name, shared, others);
    leaving.insert(leaving.end(), switched.begin(), switched.end());
  }
  Announce(shared.get(), leaving);
  return shared;
}

std::shared_ptr<ServedModel> ModelRegistry::ActivateLoaded(std::string_view name,
                                                           std::string_view version,
                                                           OtherVersions others) {
  std::shared_ptr<ServedModel> model;
  Models leaving;
  bool news = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto of_name = names_.find(name);
    if (of_name == names_.end()) return nullptr;
    const auto found = of_name->second.versions.find(std::string(version));
    if (found == of_name->second.versions.end()) return nullptr;
    model = found->second;
    news = of_name->second.active != model;
    leaving = Switch(&of_name->second, model, others);
  }
  if (news || !leaving.empty()) Announce(news ? model.get() : nullptr, leaving);
  return model;
}

ModelRegistry::Models ModelRegistry::Switch(Name* name, const std::shared_ptr<ServedModel>& model,
                                            OtherVersions others) {
  name->active = model;
  Models leaving;
  if (others == OtherVersions::kKeep) return leaving;
  for (auto it = name->versions.begin(); it != name->versions.end();) {
    if (it->second == model) {
      ++it;
      continue;
    }
    draining_.push_back(it->second);
    leaving.push_back(std::move(it->second));
    it = name->versions.erase(it);
  }
  return leaving;
}

absl::StatusOr<std::vector<ModelStatus>> ModelRegistry::Unload(std::string_view name,
                                                               std::string_view version,
                                                               bool allow_none) {
  Models leaving;
  std::shared_ptr<ServedModel> active;  // if that changes
  std::vector<ModelStatus> drained;
  {
    absl::MutexLock lock(&mutex_);
    const size_t notes = std::erase_if(notes_, [&](const auto& note) {
      return note.second.state == ModelState::kFailed && note.first.first == name &&
             (version.empty() || note.first.second == version);
    });
    const auto of_name = names_.find(name);
    if (of_name != names_.end()) {
      for (const auto& [each, model] : of_name->second.versions) {
        if (version.empty() || each == version) leaving.push_back(model);
      }
    }
    if (leaving.empty()) {
      if (notes == 0) return NotFound(name, version);
      return drained;
    }
    if (loaded() == static_cast<int>(leaving.size()) && !allow_none) {
      return absl::FailedPreconditionError(absl::StrCat(
          Named(name, version), ": is the last that is served; set allow_none to unload it"));
    }
    Name& entry = of_name->second;
    for (const auto& model : leaving) {
      entry.versions.erase(model->info().model_version);
      draining_.push_back(model);
      drained.push_back(StatusOf(model, ModelState::kDraining));
    }
    if (std::ranges::find(leaving, entry.active) != leaving.end()) {
      entry.active = entry.versions.empty() ? nullptr : entry.versions.rbegin()->second;
      active = entry.active;
    }
  }
  Announce(active.get(), leaving);
  return drained;
}

int ModelRegistry::loaded() const {
  size_t count = 0;
  for (const auto& [name, of_name] : names_) count += of_name.versions.size();
  return static_cast<int>(count);
}

void ModelRegistry::Announce(const ServedModel* active, const Models& leaving) {
  if (options_.observer != nullptr) {
    if (active != nullptr) options_.observer->OnActivated(active->info());
    for (const auto& model : leaving) options_.observer->OnDraining(model->info());
  }
  if (options_.on_change) options_.on_change();
}

void ModelRegistry::NoteLoading(const std::string& name, const std::string& version) {
  {
    absl::MutexLock lock(&mutex_);
    notes_[{name, version}] = {.name = name, .version = version, .state = ModelState::kLoading};
  }
  if (options_.on_change) options_.on_change();
}

void ModelRegistry::NoteFailure(const std::string& name, const std::string& version,
                                const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    notes_[{name, version}] = {.name = name,
                               .version = version,
                               .state = ModelState::kFailed,
                               .failure = std::string(status.message())};
  }
  if (options_.on_change) options_.on_change();
}

void ModelRegistry::NoteFreed(const ServedModel& model) {
  {
    absl::MutexLock lock(&mutex_);
    evictions_of_freed_ += model.cache_stats().evictions;
    std::erase_if(draining_, [](const auto& leaving) { return leaving.expired(); });
  }
  if (options_.observer != nullptr) options_.observer->OnFreed(model.info());
}

std::vector<ModelStatus> ModelRegistry::List() const {
  std::vector<ModelStatus> list;
  {
    absl::ReaderMutexLock lock(&mutex_);
    for (const auto& [name, of_name] : names_) {
      for (const auto& [version, model] : of_name.versions) {
        list.push_back(StatusOf(model, ModelState::kReady));
        list.back().active = model == of_name.active;
        list.back().is_default = list.back().active && name == default_name_;
      }
    }
    for (const auto& [key, note] : notes_) list.push_back(note);
    for (const std::weak_ptr<ServedModel>& leaving : draining_) {
      if (auto model = leaving.lock()) {
        list.push_back(StatusOf(std::move(model), ModelState::kDraining));
      }
    }
  }
  std::ranges::stable_sort(list, [](const ModelStatus& a, const ModelStatus& b) {
    return a.name != b.name ? a.name < b.name : IsOlder(a.version, b.version);
  });
  return list;
}

std::vector<std::shared_ptr<ServedModel>> ModelRegistry::All() const {
  std::vector<std::shared_ptr<ServedModel>> all;
  absl::ReaderMutexLock lock(&mutex_);
  for (const auto& [name, of_name] : names_) {
    for (const auto& [version, model] : of_name.versions) all.push_back(model);
  }
  for (const std::weak_ptr<ServedModel>& leaving : draining_) {
    if (std::shared_ptr<ServedModel> model = leaving.lock()) all.push_back(std::move(model));
  }
  return all;
}

void ModelRegistry::StopAll() {
  for (const auto& model : All()) model->scheduler().Stop();
}

int64_t ModelRegistry::evictions_of_freed() const {
  absl::ReaderMutexLock lock(&mutex_);
  return evictions_of_freed_;
}

}  // namespace mrmllm
