// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/service.h"

#include "server/rpc/answer_stream_call.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/detect_stream_call.h"
#include "server/rpc/reply/conversion.h"
#include "server/rpc/reply/grpc_status.h"
#include "server/rpc/unary_call.h"

namespace mrmllm {

MrMllmServiceImpl::MrMllmServiceImpl(const RpcContext& context)
    : context_(context),
      info_(context.engine->info()),
      rules_{context.max_images_per_request, &info_} {}

grpc::ServerUnaryReactor* MrMllmServiceImpl::Detect(grpc::CallbackServerContext* context,
                                                    const v1::DetectRequest* request,
                                                    v1::DetectResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context, "Detect", context_.clock), ParseDetect(*request, rules_),
      [this, response](const Outcome& outcome) { FillDetectResponse(outcome, info_, response); });
}

grpc::ServerBidiReactor<v1::DetectStreamRequest, v1::DetectStreamResponse>*
MrMllmServiceImpl::DetectStream(grpc::CallbackServerContext* context) {
  return DetectStreamCall::Start(context_, NoteArrival(context, "DetectStream", context_.clock));
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::Ask(grpc::CallbackServerContext* context,
                                                 const v1::AskRequest* request,
                                                 v1::AskResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context, "Ask", context_.clock), ParseAsk(*request, rules_),
      [this, response](const Outcome& outcome) { FillAskResponse(outcome, info_, response); });
}

grpc::ServerWriteReactor<v1::AskStreamResponse>* MrMllmServiceImpl::AskStream(
    grpc::CallbackServerContext* context, const v1::AskStreamRequest* request) {
  return AnswerStreamCall<v1::AskStreamResponse>::Start(
      context_, NoteArrival(context, "AskStream", context_.clock), ParseAskStream(*request, rules_),
      {.perception = nullptr,
       .summary = [this](const Outcome& outcome, v1::AskStreamResponse* message) {
         FillAskResponse(outcome, info_, message->mutable_summary());
       }});
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::PerceiveAndAnswer(
    grpc::CallbackServerContext* context, const v1::PerceiveAndAnswerRequest* request,
    v1::PerceiveAndAnswerResponse* response) {
  return UnaryCall::Start(context_, NoteArrival(context, "PerceiveAndAnswer", context_.clock),
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
      context_, NoteArrival(context, "PerceiveAndAnswerStream", context_.clock),
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

grpc::ServerUnaryReactor* ModelServiceImpl::ListModels(grpc::CallbackServerContext* context,
                                                       const v1::ListModelsRequest* /*request*/,
                                                       v1::ListModelsResponse* response) {
  const RequestFlow::Arrival arrival = NoteArrival(context, "ListModels", context_.clock);
  RequestRecord record{.method = arrival.method, .request_id = arrival.request_id};
  if (context_.gate->open()) {
    const EngineInfo& info = context_.engine->info();
    v1::Model* model = response->add_models();
    model->set_name(info.model_name);
    model->set_version(info.model_version);
    model->mutable_labels()->Add(info.labels.begin(), info.labels.end());
    model->set_context_token_count(info.context_tokens);
    model->set_device(info.device);
    model->set_dtype(info.dtype);
    model->set_sure_threshold(info.sure_threshold);
  } else {
    record.status = absl::UnavailableError("the server is draining: ask another one");
  }
  record.total = context_.clock->Now() - arrival.at;
  if (context_.observer != nullptr) context_.observer->OnRequestDone(record);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(record.status, arrival.request_id));
  return reactor;
}

}  // namespace mrmllm
