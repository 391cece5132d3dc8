// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_INFERENCE_SERVICE_H_
#define MRMLLM_SERVER_RPC_KSERVE_INFERENCE_SERVICE_H_

#include <string>

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "inference/grpc_service.grpc.pb.h"
#include "server/rpc/hosting/health_service.h"
#include "server/rpc/rpc_context.h"

namespace mrmllm {

// inference.GRPCInferenceService, the Open Inference Protocol (KServe v2), beside our own services
// and on the same path: ModelInfer is a parse, a RequestFlow and a way to write the reply.
//
// Thread-safety: gRPC calls the methods from its own threads.
// Ownership: see RpcContext; `health` outlives every RPC too, and the service must outlive the
// gRPC server.
// Errors: those of the contract, through grpc_status.h. While the server drains, the first three
// methods go on and tell so.
class InferenceServiceImpl final : public inference::GRPCInferenceService::CallbackService {
 public:
  // `ready_service`: whose health is the server's readiness.
  InferenceServiceImpl(const RpcContext& context, const HealthServiceImpl* health,
                       std::string ready_service);

  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context,
                                       const inference::ServerLiveRequest* request,
                                       inference::ServerLiveResponse* response) override;
  grpc::ServerUnaryReactor* ServerReady(grpc::CallbackServerContext* context,
                                        const inference::ServerReadyRequest* request,
                                        inference::ServerReadyResponse* response) override;
  grpc::ServerUnaryReactor* ModelReady(grpc::CallbackServerContext* context,
                                       const inference::ModelReadyRequest* request,
                                       inference::ModelReadyResponse* response) override;
  grpc::ServerUnaryReactor* ServerMetadata(grpc::CallbackServerContext* context,
                                           const inference::ServerMetadataRequest* request,
                                           inference::ServerMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelMetadata(grpc::CallbackServerContext* context,
                                          const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context,
                                       const inference::ModelInferRequest* request,
                                       inference::ModelInferResponse* response) override;

 private:
  const RpcContext context_;
  const HealthServiceImpl* const health_;
  const std::string ready_service_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_INFERENCE_SERVICE_H_
