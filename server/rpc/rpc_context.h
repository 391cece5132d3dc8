// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_RPC_CONTEXT_H_
#define MRMLLM_SERVER_RPC_RPC_CONTEXT_H_

#include <string_view>

#include "base/clock.h"
#include "server/models/model_loader.h"
#include "server/models/model_registry.h"
#include "server/rpc/observer.h"
#include "server/rpc/request/trace_sampler.h"
#include "server/rpc/request_gate.h"
#include "server/scheduling/worker_pool.h"
#include "server/security/call_guard.h"

namespace mrmllm {

// What the services work with. Each service holds one, to which its calls refer.
// Ownership: all of it outlives every RPC. Destroy in this order: the gRPC server, the decode pool,
// the models, then the rest.
struct RpcContext {
  ModelRegistry* models = nullptr;
  ModelLoader* loader = nullptr;  // null: nothing can be loaded
  WorkerPool* decode_pool = nullptr;
  RequestGate* gate = nullptr;
  Clock* clock = nullptr;
  RpcObserver* observer = nullptr;  // may be null
  TraceSampler sampler;             // which requests make spans
  CallGuard* guard = nullptr;       // null: everyone may do everything
  // Metadata key of a call's tenant, outliving every RPC; empty: everyone is one tenant.
  std::string_view tenant_key = "x-tenant";
  int max_frames_in_flight = 4;  // of one DetectStream, >= 1
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_RPC_CONTEXT_H_
