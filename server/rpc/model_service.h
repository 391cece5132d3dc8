// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_MODEL_SERVICE_H_
#define MRMLLM_SERVER_RPC_MODEL_SERVICE_H_

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "mrmllm/v1/model_service.grpc.pb.h"
#include "server/rpc/rpc_context.h"

namespace mrmllm {

// mrmllm.v1.ModelService. LoadModel is answered by the loader's thread; the others at once.
//
// Thread-safety: gRPC calls the methods from its own threads.
// Ownership: see RpcContext; must outlive the gRPC server.
// Errors: those of the contract, through grpc_status.h.
class ModelServiceImpl final : public v1::ModelService::CallbackService {
 public:
  explicit ModelServiceImpl(const RpcContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context,
                                       const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context,
                                     const v1::GetModelRequest* request,
                                     v1::GetModelResponse* response) override;
  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context,
                                      const v1::LoadModelRequest* request,
                                      v1::LoadModelResponse* response) override;
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* context,
                                        const v1::UnloadModelRequest* request,
                                        v1::UnloadModelResponse* response) override;

 private:
  const RpcContext context_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_MODEL_SERVICE_H_
