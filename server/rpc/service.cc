// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/service.h"

#include <string>

#include "base/status_macros.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/calls/answer_stream_call.h"
#include "server/rpc/calls/detect_stream_call.h"
#include "server/rpc/calls/immediate_call.h"
#include "server/rpc/calls/unary_call.h"
#include "server/rpc/reply/conversion.h"

namespace mrmllm {
grpc::ServerUnaryReactor* MrMllmServiceImpl::Detect(grpc::CallbackServerContext* context,
                                                    const v1::DetectRequest* request,
                                                    v1::DetectResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context_, "Detect", context),
      Address(*context_.models, request->model(),
              [&](const ValidationRules& rules) { return ParseDetect(*request, rules); }),
      [response](const Outcome& outcome, const EngineInfo& info) {
        FillDetectResponse(outcome, info, response);
      });
}

grpc::ServerBidiReactor<v1::DetectStreamRequest, v1::DetectStreamResponse>*
MrMllmServiceImpl::DetectStream(grpc::CallbackServerContext* context) {
  return DetectStreamCall::Start(context_, NoteArrival(context_, "DetectStream", context));
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::Ask(grpc::CallbackServerContext* context,
                                                 const v1::AskRequest* request,
                                                 v1::AskResponse* response) {
  return UnaryCall::Start(
      context_, NoteArrival(context_, "Ask", context),
      Address(*context_.models, request->model(),
              [&](const ValidationRules& rules) { return ParseAsk(*request, rules); }),
      [response](const Outcome& outcome, const EngineInfo& info) {
        FillAskResponse(outcome, info, response);
      });
}

grpc::ServerWriteReactor<v1::AskStreamResponse>* MrMllmServiceImpl::AskStream(
    grpc::CallbackServerContext* context, const v1::AskStreamRequest* request) {
  using Message = v1::AskStreamResponse;
  return AnswerStreamCall<Message>::Start(
      context_, NoteArrival(context_, "AskStream", context),
      Address(*context_.models, request->ask().model(),
              [&](const ValidationRules& rules) { return ParseAskStream(*request, rules); }),
      {.perception = nullptr,
       .summary = [](const Outcome& outcome, const EngineInfo& info, Message* message) {
         FillAskResponse(outcome, info, message->mutable_summary());
       }});
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::PerceiveAndAnswer(
    grpc::CallbackServerContext* context, const v1::PerceiveAndAnswerRequest* request,
    v1::PerceiveAndAnswerResponse* response) {
  return UnaryCall::Start(context_, NoteArrival(context_, "PerceiveAndAnswer", context),
                          Address(*context_.models, request->model(),
                                  [&](const ValidationRules& rules) {
                                    return ParsePerceiveAndAnswer(*request, rules);
                                  }),
                          [this, response](const Outcome& outcome, const EngineInfo& info) {
                            Tell(FillPerceiveAndAnswerResponse(outcome, info, response));
                          });
}

grpc::ServerWriteReactor<v1::PerceiveAndAnswerStreamResponse>*
MrMllmServiceImpl::PerceiveAndAnswerStream(grpc::CallbackServerContext* context,
                                           const v1::PerceiveAndAnswerStreamRequest* request) {
  using Message = v1::PerceiveAndAnswerStreamResponse;
  return AnswerStreamCall<Message>::Start(
      context_, NoteArrival(context_, "PerceiveAndAnswerStream", context),
      Address(*context_.models, request->request().model(),
              [&](const ValidationRules& rules) {
                return ParsePerceiveAndAnswerStream(*request, rules);
              }),
      {.perception =
           [](const Outcome& outcome, const EngineInfo& info, Message* message) {
             FillPerceptionEvent(outcome, info, message->mutable_perception());
           },
       .summary =
           [this](const Outcome& outcome, const EngineInfo& info, Message* message) {
             Tell(FillPerceiveAndAnswerResponse(outcome, info, message->mutable_summary()));
           }});
}

void MrMllmServiceImpl::Tell(const Agreement& agreement) const {
  if (context_.observer != nullptr && agreement.claim_count > 0) {
    context_.observer->OnAgreement(agreement);
  }
}

grpc::ServerUnaryReactor* MrMllmServiceImpl::ReleaseImages(grpc::CallbackServerContext* context,
                                                           const v1::ReleaseImagesRequest* request,
                                                           v1::ReleaseImagesResponse* response) {
  return AnswerAtOnce(context_, "ReleaseImages", context, [&](const RequestFlow::Arrival& arrival) {
    RETURN_IF_ERROR(CheckReleaseImages(*request));
    int released = 0;
    for (const auto& model : context_.models->All()) {
      for (const std::string& image_id : request->image_ids()) {
        released += model->intake().Release(arrival.tenant, image_id);
      }
    }
    response->set_released_count(released);
    return absl::OkStatus();
  });
}

}  // namespace mrmllm
