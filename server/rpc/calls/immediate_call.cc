// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/calls/immediate_call.h"

#include "server/rpc/call_arrival.h"
#include "server/rpc/reply/grpc_status.h"

namespace mrmllm {

grpc::ServerUnaryReactor* AnswerAtOnce(
    const RpcContext& context, std::string_view method, grpc::CallbackServerContext* call,
    absl::FunctionRef<absl::Status(const RequestFlow::Arrival&)> answer, WhileDraining draining) {
  const RequestFlow::Arrival arrival = NoteArrival(context, method, call);
  RequestRecord record{.method = method,
                       .request_id = arrival.request_id,
                       .caller = arrival.caller,
                       .tenant = arrival.tenant,
                       .trace = arrival.trace,
                       .status = arrival.fault,
                       .at = arrival.at};
  if (record.status.ok() && draining == WhileDraining::kRefuse && !context.gate->open()) {
    record.status = absl::UnavailableError("the server is draining: ask another one");
  }
  if (record.status.ok()) record.status = answer(arrival);
  record.total = context.clock->Now() - arrival.at;
  if (context.observer != nullptr) context.observer->OnRequestDone(record);
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  reactor->Finish(ToGrpcStatus(record.status, arrival.request_id));
  return reactor;
}

}  // namespace mrmllm
