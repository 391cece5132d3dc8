// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/inference_service.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/calls/immediate_call.h"
#include "server/rpc/calls/unary_call.h"
#include "server/rpc/kserve/infer_request.h"
#include "server/rpc/kserve/infer_response.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

constexpr char kServerName[] = "mrmllm";

// Our own contract lets a request name no model; this protocol wants a name.
absl::Status CheckName(std::string_view field, std::string_view name) {
  if (!name.empty()) return absl::OkStatus();
  return InvalidField(field, "expected the name of a model, got an empty string");
}

template <typename Spec>
void AddTensor(const Spec& spec, inference::ModelMetadataResponse::TensorMetadata* tensor) {
  tensor->set_name(std::string(spec.name));
  tensor->set_datatype(std::string(spec.datatype));
  tensor->mutable_shape()->Add(spec.shape.begin(), spec.shape.end());
}

absl::StatusOr<ParsedInfer> CheckAndParse(const inference::ModelInferRequest& request,
                                          const ValidationRules& rules) {
  RETURN_IF_ERROR(CheckName("model_name", request.model_name()));
  return ParseInfer(request, rules);
}

}  // namespace

InferenceServiceImpl::InferenceServiceImpl(const RpcContext& context,
                                           const HealthServiceImpl* health,
                                           std::string ready_service)
    : context_(context), health_(health), ready_service_(std::move(ready_service)) {}

grpc::ServerUnaryReactor* InferenceServiceImpl::ServerLive(
    grpc::CallbackServerContext* context, const inference::ServerLiveRequest* /*request*/,
    inference::ServerLiveResponse* response) {
  return AnswerAtOnce(
      context_, "ServerLive", context,
      [&](const RequestFlow::Arrival&) {
        response->set_live(health_->IsServing(""));
        return absl::OkStatus();
      },
      WhileDraining::kAnswer);
}

grpc::ServerUnaryReactor* InferenceServiceImpl::ServerReady(
    grpc::CallbackServerContext* context, const inference::ServerReadyRequest* /*request*/,
    inference::ServerReadyResponse* response) {
  return AnswerAtOnce(
      context_, "ServerReady", context,
      [&](const RequestFlow::Arrival&) {
        response->set_ready(health_->IsServing(ready_service_));
        return absl::OkStatus();
      },
      WhileDraining::kAnswer);
}

grpc::ServerUnaryReactor* InferenceServiceImpl::ModelReady(
    grpc::CallbackServerContext* context, const inference::ModelReadyRequest* request,
    inference::ModelReadyResponse* response) {
  return AnswerAtOnce(
      context_, "ModelReady", context,
      [&](const RequestFlow::Arrival&) {
        RETURN_IF_ERROR(CheckName("name", request->name()));
        response->set_ready(health_->IsServing(ready_service_) &&
                            context_.models->Find(request->name(), request->version()).ok());
        return absl::OkStatus();
      },
      WhileDraining::kAnswer);
}

grpc::ServerUnaryReactor* InferenceServiceImpl::ServerMetadata(
    grpc::CallbackServerContext* context, const inference::ServerMetadataRequest* /*request*/,
    inference::ServerMetadataResponse* response) {
  return AnswerAtOnce(context_, "ServerMetadata", context, [&](const RequestFlow::Arrival&) {
    response->set_name(kServerName);
    response->set_version(MRMLLM_VERSION);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* InferenceServiceImpl::ModelMetadata(
    grpc::CallbackServerContext* context, const inference::ModelMetadataRequest* request,
    inference::ModelMetadataResponse* response) {
  return AnswerAtOnce(context_, "ModelMetadata", context, [&](const RequestFlow::Arrival&) {
    RETURN_IF_ERROR(CheckName("name", request->name()));
    ASSIGN_OR_RETURN(const auto model, context_.models->Find(request->name(), request->version()));
    response->set_name(model->info().model_name);
    response->set_platform(kServerName);
    for (const auto& served : context_.models->All()) {
      const EngineInfo& info = served->info();
      // One that drains is not found any more.
      const auto found = context_.models->Find(request->name(), info.model_version);
      if (found.ok() && *found == served) response->add_versions(info.model_version);
    }
    for (const InputSpec& spec : InputSpecs()) AddTensor(spec, response->add_inputs());
    for (const OutputSpec& spec : OutputSpecs()) AddTensor(spec, response->add_outputs());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* InferenceServiceImpl::ModelInfer(
    grpc::CallbackServerContext* context, const inference::ModelInferRequest* request,
    inference::ModelInferResponse* response) {
  RequestFlow::Arrival arrival = NoteArrival(context_, "ModelInfer", context);
  InferReply reply;
  AddressedRequest addressed =
      Address(*context_.models, request->model_name(), request->model_version(),
              [&](const ValidationRules& rules) -> absl::StatusOr<ParsedRequest> {
                ASSIGN_OR_RETURN(ParsedInfer infer, CheckAndParse(*request, rules));
                arrival.deadline = std::min(arrival.deadline, arrival.at + infer.timeout);
                reply = std::move(infer.reply);
                return std::move(infer.request);
              });
  return UnaryCall::Start(
      context_, std::move(arrival), std::move(addressed),
      [response, reply = std::move(reply)](const Outcome& outcome, const EngineInfo& info) {
        FillInferResponse(outcome, reply, info, response);
      });
}

}  // namespace mrmllm
