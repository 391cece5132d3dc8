// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALL_ARRIVAL_H_
#define MRMLLM_SERVER_RPC_CALL_ARRIVAL_H_

#include <chrono>
#include <string_view>

#include "absl/time/time.h"
#include "grpcpp/server_context.h"

#include "base/clock.h"
#include "server/rpc/request_flow.h"

namespace mrmllm {

// Notes a call that has just come in: its request id (the caller's own if valid, else a fresh one),
// which is put into the reply's initial metadata, its tenant, its trace and its deadline. `method`
// is a literal.
RequestFlow::Arrival NoteArrival(const RpcContext& context, std::string_view method,
                                 grpc::CallbackServerContext* call);

// The call's deadline by `clock`, which may run apart from the wire's real time.
absl::Time DeadlineBy(Clock* clock, std::chrono::system_clock::time_point deadline);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALL_ARRIVAL_H_
