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

// The one door of every RPC: notes a call that has just come in, its request id (the caller's own
// if valid, else a fresh one), which is put into the reply's initial metadata, its trace and its
// deadline; and asks the guard whether it may come in, as whose, and for which tenant. `method` is
// a literal. Errors: in Arrival::fault, which every method heeds before it does anything.
RequestFlow::Arrival NoteArrival(const RpcContext& context, std::string_view method,
                                 grpc::CallbackServerContext* call);

// The call's deadline by `clock`, which may run apart from the wire's real time.
absl::Time DeadlineBy(Clock* clock, std::chrono::system_clock::time_point deadline);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALL_ARRIVAL_H_
