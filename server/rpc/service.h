// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_SERVICE_H_
#define MRMLLM_SERVER_RPC_SERVICE_H_

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/rpc/rpc_context.h"

namespace mrmllm {

// The seven methods of mrmllm.v1.MrMllmService. All but the last are a validation, a
// RequestFlow and a way to write the reply.
//
// Thread-safety: gRPC calls the methods from its own threads.
// Ownership: see RpcContext; must outlive the gRPC server.
// Errors: those of the contract, through grpc_status.h.
class MrMllmServiceImpl final : public v1::MrMllmService::CallbackService {
 public:
  explicit MrMllmServiceImpl(const RpcContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* Detect(grpc::CallbackServerContext* context,
                                   const v1::DetectRequest* request,
                                   v1::DetectResponse* response) override;
  grpc::ServerBidiReactor<v1::DetectStreamRequest, v1::DetectStreamResponse>* DetectStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Ask(grpc::CallbackServerContext* context, const v1::AskRequest* request,
                                v1::AskResponse* response) override;
  grpc::ServerWriteReactor<v1::AskStreamResponse>* AskStream(
      grpc::CallbackServerContext* context, const v1::AskStreamRequest* request) override;
  grpc::ServerUnaryReactor* PerceiveAndAnswer(grpc::CallbackServerContext* context,
                                              const v1::PerceiveAndAnswerRequest* request,
                                              v1::PerceiveAndAnswerResponse* response) override;
  grpc::ServerWriteReactor<v1::PerceiveAndAnswerStreamResponse>* PerceiveAndAnswerStream(
      grpc::CallbackServerContext* context,
      const v1::PerceiveAndAnswerStreamRequest* request) override;
  grpc::ServerUnaryReactor* ReleaseImages(grpc::CallbackServerContext* context,
                                          const v1::ReleaseImagesRequest* request,
                                          v1::ReleaseImagesResponse* response) override;

 private:
  void Tell(const Agreement& agreement) const;

  const RpcContext context_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_SERVICE_H_
