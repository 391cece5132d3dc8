// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALLS_UNARY_CALL_H_
#define MRMLLM_SERVER_RPC_CALLS_UNARY_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "grpcpp/support/server_callback.h"

#include "server/rpc/calls/addressed_request.h"
#include "server/rpc/reply/grpc_status.h"
#include "server/rpc/request_flow.h"

namespace mrmllm {

// A call with one request and one response, answered when its flow ends.
//
//   return UnaryCall::Start(context, arrival, Address(...), [=](const Outcome& outcome,
//                           const EngineInfo& info) { FillDetectResponse(outcome, info, ...); });
//
// Thread-safety: as gRPC reactors. Ownership: deletes itself when gRPC is done with it, which is
// after the flow's end.
class UnaryCall final : public grpc::ServerUnaryReactor, public FlowSink {
 public:
  using FillResponse = absl::AnyInvocable<void(const Outcome&, const EngineInfo&)>;

  static grpc::ServerUnaryReactor* Start(const RpcContext& context, RequestFlow::Arrival arrival,
                                         AddressedRequest request, FillResponse fill) {
    auto* call = new UnaryCall(context, std::move(arrival), request.model, std::move(fill));
    call->flow_->Start(std::move(request.parsed));
    return call;
  }

  void OnCancel() override { flow_->Cancel(); }
  void OnDone() override { delete this; }

 private:
  UnaryCall(const RpcContext& context, RequestFlow::Arrival arrival,
            std::shared_ptr<ServedModel> model, FillResponse fill)
      : request_id_(arrival.request_id),
        fill_(std::move(fill)),
        model_(std::move(model)),
        flow_(std::make_shared<RequestFlow>(context, std::move(arrival), model_, this)) {}

  void OnEnd(const absl::Status& status, const Outcome& outcome) override {
    if (status.ok()) fill_(outcome, model_->info());
    Finish(ToGrpcStatus(status, request_id_));
  }

  const std::string request_id_;
  FillResponse fill_;
  const std::shared_ptr<ServedModel> model_;
  const std::shared_ptr<RequestFlow> flow_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALLS_UNARY_CALL_H_
