// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_CALL_DOOR_H_
#define MRMLLM_SERVER_RPC_HOSTING_CALL_DOOR_H_

#include <functional>
#include <string_view>

#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace mrmllm {

// Lets a call of one of gRPC's own protocols in, or says why not. `method` is a literal. Empty:
// everyone may come in.
using CallDoor = std::function<grpc::Status(std::string_view method, grpc::CallbackServerContext*)>;

inline grpc::Status Enter(const CallDoor& door, std::string_view method,
                          grpc::CallbackServerContext* call) {
  return door ? door(method, call) : grpc::Status::OK;
}

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_CALL_DOOR_H_
