// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_INFER_RESPONSE_H_
#define MRMLLM_SERVER_RPC_KSERVE_INFER_RESPONSE_H_

#include "inference/grpc_service.pb.h"
#include "server/engine.h"
#include "server/rpc/kserve/infer_request.h"
#include "server/rpc/reply/outcome.h"

namespace mrmllm {

// The whole reply, from the outcome of a request that ended well: the objects are those that
// Detect reports under the same settings.
void FillInferResponse(const Outcome& outcome, const InferReply& reply, const EngineInfo& info,
                       inference::ModelInferResponse* out);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_INFER_RESPONSE_H_
