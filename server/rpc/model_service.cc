// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/model_service.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/status_macros.h"
#include "server/models/model_status.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/calls/immediate_call.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

v1::ModelState ToModelState(ModelState state) {
  switch (state) {
    case ModelState::kLoading:
      return v1::MODEL_STATE_LOADING;
    case ModelState::kReady:
      return v1::MODEL_STATE_READY;
    case ModelState::kDraining:
      return v1::MODEL_STATE_DRAINING;
    case ModelState::kFailed:
      return v1::MODEL_STATE_FAILED;
  }
  return v1::MODEL_STATE_UNSPECIFIED;
}

void FillModel(const ModelStatus& status, v1::Model* model) {
  model->set_name(status.name);
  model->set_version(status.version);
  model->set_state(ToModelState(status.state));
  model->set_active(status.active);
  model->set_serves_by_default(status.is_default);
  model->set_failure(status.failure);
  if (status.model == nullptr) return;
  const EngineInfo& info = status.model->info();
  model->mutable_labels()->Add(info.labels.begin(), info.labels.end());
  model->set_context_token_count(info.context_tokens);
  model->set_device(info.device);
  model->set_dtype(info.dtype);
  model->set_sure_threshold(info.sure_threshold);
}

absl::Status CheckNameIsGiven(const std::string& name) {
  return name.empty() ? InvalidField("name", "expected the name of a model, got none")
                      : absl::OkStatus();
}

// The model as the registry lists it now; nothing when it has gone meanwhile.
void FillFromList(const ModelRegistry& models, const ServedModel* wanted, v1::Model* model) {
  for (const ModelStatus& status : models.List()) {
    if (status.model.get() == wanted) FillModel(status, model);
  }
}

}  // namespace

grpc::ServerUnaryReactor* ModelServiceImpl::ListModels(grpc::CallbackServerContext* context,
                                                       const v1::ListModelsRequest* /*request*/,
                                                       v1::ListModelsResponse* response) {
  return AnswerAtOnce(context_, "ListModels", context, [&](const RequestFlow::Arrival&) {
    for (const ModelStatus& status : context_.models->List()) {
      FillModel(status, response->add_models());
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ModelServiceImpl::GetModel(grpc::CallbackServerContext* context,
                                                     const v1::GetModelRequest* request,
                                                     v1::GetModelResponse* response) {
  return AnswerAtOnce(
      context_, "GetModel", context, [&](const RequestFlow::Arrival&) -> absl::Status {
        RETURN_IF_ERROR(CheckNameIsGiven(request->name()));
        const std::vector<ModelStatus> list = context_.models->List();
        const auto found = std::ranges::find_if(list, [&](const ModelStatus& status) {
          if (status.name != request->name()) return false;
          return request->version().empty() ? status.active : status.version == request->version();
        });
        if (found != list.end()) {
          FillModel(*found, response->mutable_model());
          return absl::OkStatus();
        }
        const auto loaded = context_.models->Find(request->name(), request->version());
        return loaded.ok() ? absl::UnavailableError("it was loaded just now: ask again")
                           : loaded.status();
      });
}

grpc::ServerUnaryReactor* ModelServiceImpl::LoadModel(grpc::CallbackServerContext* context,
                                                      const v1::LoadModelRequest* request,
                                                      v1::LoadModelResponse* response) {
  RequestFlow::Arrival arrival = NoteArrival(context_, "LoadModel", context);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::Status status = arrival.fault;
  if (status.ok() && context_.loader == nullptr) {
    status = absl::FailedPreconditionError("this server loads no models");
  }
  // A drain waits for a load that it finds under way.
  if (status.ok()) status = context_.gate->Enter();
  if (!status.ok()) {
    EndCall(context_, arrival, status, reactor);
    return reactor;
  }
  context_.loader->Load(request->name(), request->version(),
                        request->keep_others() ? OtherVersions::kKeep : OtherVersions::kDrain,
                        [this, arrival, reactor,
                         response](const absl::StatusOr<std::shared_ptr<ServedModel>>& loaded) {
                          if (loaded.ok())
                            FillFromList(*context_.models, loaded->get(),
                                         response->mutable_model());
                          context_.gate->Leave();
                          EndCall(context_, arrival, loaded.status(), reactor);
                        });
  return reactor;
}

grpc::ServerUnaryReactor* ModelServiceImpl::UnloadModel(grpc::CallbackServerContext* context,
                                                        const v1::UnloadModelRequest* request,
                                                        v1::UnloadModelResponse* response) {
  return AnswerAtOnce(
      context_, "UnloadModel", context, [&](const RequestFlow::Arrival&) -> absl::Status {
        RETURN_IF_ERROR(CheckNameIsGiven(request->name()));
        ASSIGN_OR_RETURN(
            const std::vector<ModelStatus> draining,
            context_.models->Unload(request->name(), request->version(), request->allow_none()));
        for (const ModelStatus& status : draining) FillModel(status, response->add_models());
        return absl::OkStatus();
      });
}

}  // namespace mrmllm
