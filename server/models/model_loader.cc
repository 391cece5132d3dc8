// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_loader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

// What is wrong with a bundle is a state of the disk, not of the request for it.
absl::Status OfBundle(const std::string& directory, const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kOutOfRange:
      return absl::FailedPreconditionError(
          absl::StrCat("cannot load ", directory, ": ", status.message()));
    default:
      return absl::Status(status.code(),
                          absl::StrCat("cannot load ", directory, ": ", status.message()));
  }
}

}  // namespace

absl::Status ModelLoader::Check(const EngineInfo& info, const ExpectedModel& expected) {
  if (info.model_name == expected.name && info.model_version == expected.version) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "config.json: expected name '", expected.name, "' and version '", expected.version,
      "', as its directory is called, got '", info.model_name, "' and '", info.model_version, "'"));
}

ModelLoader::ModelLoader(Parts parts) : parts_(std::move(parts)), thread_([this] { Run(); }) {}

ModelLoader::~ModelLoader() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void ModelLoader::Load(std::string name, std::string version, OtherVersions others, Done done) {
  absl::MutexLock lock(&mutex_);
  for (Job& job : jobs_) {
    if (job.name == name && job.version == version && job.others == others) {
      job.done.push_back(std::move(done));
      return;
    }
  }
  jobs_.push_back({std::move(name), std::move(version), others, {std::move(done)}});
}

void ModelLoader::Run() {
  while (true) {
    std::string name;
    std::string version;
    OtherVersions others;
    bool stopping;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ModelLoader::HasJobOrStopping));
      if (jobs_.empty()) return;
      name = jobs_.front().name;
      version = jobs_.front().version;
      others = jobs_.front().others;
      stopping = stopping_;
    }
    absl::StatusOr<std::shared_ptr<ServedModel>> loaded =
        absl::UnavailableError("the server is stopping");
    if (!stopping) loaded = LoadNow(name, version, others);
    std::vector<Done> done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::move(jobs_.front().done);
      jobs_.pop_front();
    }
    for (const Done& tell : done) tell(loaded);
  }
}

absl::StatusOr<std::shared_ptr<ServedModel>> ModelLoader::LoadNow(std::string_view asked_name,
                                                                  std::string_view asked_version,
                                                                  OtherVersions others) {
  if (!parts_.repository.has_value()) {
    return absl::FailedPreconditionError(
        "models.repository: is not set, so that nothing but bundle.directory is served");
  }
  const std::string name(asked_name);
  std::string version(asked_version);
  if (version.empty()) {
    ASSIGN_OR_RETURN(version, parts_.repository->Newest(name));
  }
  RETURN_IF_ERROR(CheckModelName(name));
  RETURN_IF_ERROR(CheckModelVersion(version));
  // Also of a version whose directory is gone.
  if (auto model = parts_.models->ActivateLoaded(name, version, others)) return model;
  ASSIGN_OR_RETURN(const std::string directory, parts_.repository->BundleDirectory(name, version));
  parts_.models->NoteLoading(name, version);
  absl::StatusOr<std::unique_ptr<ServedModel>> model =
      Open(directory, ExpectedModel{name, version});
  if (!model.ok()) {
    parts_.models->NoteFailure(name, version, model.status());
    return model.status();
  }
  return parts_.models->Activate(*std::move(model), others);
}

absl::Status ModelLoader::LoadBundle(const std::string& directory) {
  ASSIGN_OR_RETURN(auto model, Open(directory, std::nullopt));
  parts_.models->Activate(std::move(model), OtherVersions::kDrain);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ServedModel>> ModelLoader::Open(
    const std::string& directory, const std::optional<ExpectedModel>& expected) {
  const absl::Time begin = parts_.clock->Now();
  if (parts_.observer != nullptr) parts_.observer->OnLoadBegin(directory);
  const auto open = [&]() -> absl::StatusOr<std::unique_ptr<ServedModel>> {
    ASSIGN_OR_RETURN(auto engines, parts_.factory->Open(directory));
    if (expected.has_value()) RETURN_IF_ERROR(Check(engines.front()->info(), *expected));
    return ServedModel::Create(parts_.options, std::move(engines), parts_.clock,
                               parts_.loads != nullptr ? parts_.loads->Join() : nullptr);
  };
  absl::StatusOr<std::unique_ptr<ServedModel>> model = open();
  if (!model.ok()) {
    const absl::Status status = OfBundle(directory, model.status());
    if (parts_.observer != nullptr) parts_.observer->OnLoadFailed(directory, status);
    return status;
  }
  if (parts_.observer != nullptr) {
    parts_.observer->OnLoaded((*model)->info(), parts_.clock->Now() - begin);
  }
  return model;
}

}  // namespace mrmllm
