// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_BENCH_ECHO_SERVICE_H_
#define MRMLLM_TESTS_BENCH_ECHO_SERVICE_H_

#include <utility>

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "mrmllm/v1/mrmllm_service.grpc.pb.h"

namespace mrmllm {

// The least that a gRPC service can do with our messages: it parses the request and sends a reply
// that was ready before.
//
// Thread-safety: the replies are set before the server starts; safe for concurrent use.
class EchoService final : public v1::MrMllmService::CallbackService {
 public:
  EchoService(v1::DetectResponse detect, v1::PerceiveAndAnswerResponse answer)
      : detect_(std::move(detect)), answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* Detect(grpc::CallbackServerContext* context, const v1::DetectRequest*,
                                   v1::DetectResponse* response) override {
    *response = detect_;
    return Done(context);
  }
  grpc::ServerUnaryReactor* PerceiveAndAnswer(grpc::CallbackServerContext* context,
                                              const v1::PerceiveAndAnswerRequest*,
                                              v1::PerceiveAndAnswerResponse* response) override {
    *response = answer_;
    return Done(context);
  }

 private:
  static grpc::ServerUnaryReactor* Done(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const v1::DetectResponse detect_;
  const v1::PerceiveAndAnswerResponse answer_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_BENCH_ECHO_SERVICE_H_
