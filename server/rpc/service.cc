// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/service.h"

#include <string>

#include "absl/functional/function_ref.h"
#include "base/status_macros.h"
#include "server/rpc/answer_stream_call.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/detect_stream_call.h"
#include "server/rpc/reply/conversion.h"
#include "server/rpc/reply/grpc_status.h"
#include "server/rpc/unary_call.h"

namespace mrmllm {
namespace {

// A call that needs nothing but what is at hand: `answer` fills the response.
grpc::ServerUnaryReactor* AnswerAtOnce(
    const RpcContext& context, std::string_view method, grpc::CallbackServerContext* call,
    absl::FunctionRef<absl::Status(const RequestFlow::Arrival&)> answer) {
  const RequestFlow::Arrival arrival = NoteArrival(context, method, call);
  RequestRecord record{.method = method,
                       .request_id = arrival.request_id,
                       .tenant = arrival.tenant,
                       .status = arrival.fault};
  if (!context.gate->open()) {
    record.status = absl::UnavailableError("the server is draining: ask another one");
  }
  if (record.status.ok()) record.status = answer(arrival);
  record.total = context.clock->Now() - arrival.at;
  if (context.observer != nullptr) context.observer->OnRequestDone(record);
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  reactor->Finish(ToGrpcStatus(record.status, arrival.request_id));
  return reactor;
}

}  // namespace

MrMllmServiceImpl::MrMllmServiceImpl(const RpcContext& context)
    : context_(context),
      info_(context.engine->info()),
      rules_{context.max_images_per_request, &info_} {}

grpc::ServerUnaryReactor* MrMllmServiceImpl::Detect(grpc::CallbackServerContext* context,
                                                    const v1::DetectRequest* request,
                                                    v1::DetectResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context_, "Detect", context), ParseDetect(*request, rules_),
      [this, response](const Outcome& outcome) { FillDetectResponse(outcome, info_, response); });
}

grpc::ServerBidiReactor<v1::DetectStreamRequest, v1::DetectStreamResponse>*
MrMllmServiceImpl::DetectStream(grpc::CallbackServerContext* context) {
  return DetectStreamCall::Start(context_, NoteArrival(context_, "DetectStream", context));
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::Ask(grpc::CallbackServerContext* context,
                                                 const v1::AskRequest* request,
                                                 v1::AskResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context_, "Ask", context), ParseAsk(*request, rules_),
      [this, response](const Outcome& outcome) { FillAskResponse(outcome, info_, response); });
}

grpc::ServerWriteReactor<v1::AskStreamResponse>* MrMllmServiceImpl::AskStream(
    grpc::CallbackServerContext* context, const v1::AskStreamRequest* request) {
  return AnswerStreamCall<v1::AskStreamResponse>::Start(
      context_, NoteArrival(context_, "AskStream", context), ParseAskStream(*request, rules_),
      {.perception = nullptr,
       .summary = [this](const Outcome& outcome, v1::AskStreamResponse* message) {
         FillAskResponse(outcome, info_, message->mutable_summary());
       }});
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::PerceiveAndAnswer(
    grpc::CallbackServerContext* context, const v1::PerceiveAndAnswerRequest* request,
    v1::PerceiveAndAnswerResponse* response) {
  return UnaryCall::Start(context_, NoteArrival(context_, "PerceiveAndAnswer", context),
                          ParsePerceiveAndAnswer(*request, rules_),
                          [this, response](const Outcome& outcome) {
                            FillPerceiveAndAnswerResponse(outcome, info_, response);
                          });
}

grpc::ServerWriteReactor<v1::PerceiveAndAnswerStreamResponse>*
MrMllmServiceImpl::PerceiveAndAnswerStream(grpc::CallbackServerContext* context,
                                           const v1::PerceiveAndAnswerStreamRequest* request) {
  using Message = v1::PerceiveAndAnswerStreamResponse;
  return AnswerStreamCall<Message>::Start(
      context_, NoteArrival(context_, "PerceiveAndAnswerStream", context),
      ParsePerceiveAndAnswerStream(*request, rules_),
      {.perception =
           [this](const Outcome& outcome, Message* message) {
             FillPerceptionEvent(outcome, info_, message->mutable_perception());
           },
       .summary =
           [this](const Outcome& outcome, Message* message) {
             FillPerceiveAndAnswerResponse(outcome, info_, message->mutable_summary());
           }});
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::ReleaseImages(grpc::CallbackServerContext* context,
                                                           const v1::ReleaseImagesRequest* request,
                                                           v1::ReleaseImagesResponse* response) {
  return AnswerAtOnce(context_, "ReleaseImages", context, [&](const RequestFlow::Arrival& arrival) {
    RETURN_IF_ERROR(CheckReleaseImages(*request));
    int released = 0;
    for (const std::string& image_id : request->image_ids()) {
      released += context_.intake->Release(arrival.tenant, image_id);
    }
    response->set_released_count(released);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ModelServiceImpl::ListModels(grpc::CallbackServerContext* context,
                                                       const v1::ListModelsRequest* /*request*/,
                                                       v1::ListModelsResponse* response) {
  return AnswerAtOnce(context_, "ListModels", context, [&](const RequestFlow::Arrival&) {
    const EngineInfo& info = context_.engine->info();
    v1::Model* model = response->add_models();
    model->set_name(info.model_name);
    model->set_version(info.model_version);
    model->mutable_labels()->Add(info.labels.begin(), info.labels.end());
    model->set_context_token_count(info.context_tokens);
    model->set_device(info.device);
    model->set_dtype(info.dtype);
    model->set_sure_threshold(info.sure_threshold);
    return absl::OkStatus();
  });
}

}  // namespace mrmllm
