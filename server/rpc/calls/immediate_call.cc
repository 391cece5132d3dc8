// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/calls/immediate_call.h"

#include "server/rpc/call_arrival.h"
#include "server/rpc/reply/grpc_status.h"

namespace mrmllm {

grpc::ServerUnaryReactor* AnswerAtOnce(
    const RpcContext& context, std::string_view method, grpc::CallbackServerContext* call,
    absl::FunctionRef<absl::Status(const RequestFlow::Arrival&)> answer, WhileDraining draining) {
  const RequestFlow::Arrival arrival = NoteArrival(context, method, call);
  absl::Status status = arrival.fault;
  if (status.ok() && draining == WhileDraining::kRefuse && !context.gate->open()) {
    status = absl::UnavailableError("the server is draining: ask another one");
  }
  if (status.ok()) status = answer(arrival);
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  EndCall(context, arrival, status, reactor);
  return reactor;
}

void EndCall(const RpcContext& context, const RequestFlow::Arrival& arrival,
             const absl::Status& status, grpc::ServerUnaryReactor* reactor) {
  if (context.observer != nullptr) {
    context.observer->OnRequestDone({.method = arrival.method,
                                     .request_id = arrival.request_id,
                                     .caller = arrival.caller,
                                     .tenant = arrival.tenant,
                                     .trace = arrival.trace,
                                     .status = status,
                                     .at = arrival.at,
                                     .total = context.clock->Now() - arrival.at});
  }
  reactor->Finish(ToGrpcStatus(status, arrival.request_id));
}

}  // namespace mrmllm
