// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALLS_IMMEDIATE_CALL_H_
#define MRMLLM_SERVER_RPC_CALLS_IMMEDIATE_CALL_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "grpcpp/support/server_callback.h"

#include "server/rpc/request_flow.h"
#include "server/rpc/rpc_context.h"

namespace mrmllm {

enum class WhileDraining {
  kRefuse,
  kAnswer,  // for calls that ask about the server's health
};

// A call that needs nothing but what is at hand: `answer` fills the response, at once and on the
// gRPC reaction. It is not called for a call whose arrival has a fault, nor, unless
// told otherwise, once the server drains.
// `method` is a literal.
//
//   return AnswerAtOnce(context, "ListModels", call, [&](const RequestFlow::Arrival&) {
//     response->add_models()->set_name("coco-135m");
//     return absl::OkStatus();
//   });
//
// Errors: the arrival's fault, UNAVAILABLE when draining, else those of `answer`.
grpc::ServerUnaryReactor* AnswerAtOnce(
    const RpcContext& context, std::string_view method, grpc::CallbackServerContext* call,
    absl::FunctionRef<absl::Status(const RequestFlow::Arrival&)> answer,
    WhileDraining draining = WhileDraining::kRefuse);

// Ends a call that no RequestFlow has: tells the observer, and finishes the reactor. From any
// thread, once.
void EndCall(const RpcContext& context, const RequestFlow::Arrival& arrival,
             const absl::Status& status, grpc::ServerUnaryReactor* reactor);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALLS_IMMEDIATE_CALL_H_
