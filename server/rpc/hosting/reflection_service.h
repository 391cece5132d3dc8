// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_REFLECTION_SERVICE_H_
#define MRMLLM_SERVER_RPC_HOSTING_REFLECTION_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/codegen/service_type.h"
#include "server/rpc/hosting/call_door.h"

namespace mrmllm {

// gRPC's reflection, in its versions v1 and v1alpha: what grpcurl and its like ask for the services
// and messages of a server. gRPC's own cannot be closed to those who may not come in.
//
//   auto reflection = MakeReflectionServices({"mrmllm.v1.MrMllmService"}, door);
//
// `services`: the full names to list; the reflection services themselves are added. Messages are
// those that this program was built with.
//
// Thread-safety: gRPC calls them from its own threads. Ownership: must outlive the gRPC server.
// Errors: a question that has no answer gets an error response; the call goes on.
std::vector<std::unique_ptr<grpc::Service>> MakeReflectionServices(
    std::vector<std::string> services, const CallDoor& door);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_REFLECTION_SERVICE_H_
