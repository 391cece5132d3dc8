// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALLS_ANSWER_STREAM_CALL_H_
#define MRMLLM_SERVER_RPC_CALLS_ANSWER_STREAM_CALL_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/server_callback.h"

#include "server/rpc/calls/addressed_request.h"
#include "server/rpc/reply/grpc_status.h"
#include "server/rpc/request_flow.h"

namespace mrmllm {

// A server-streaming call: boxes first where the method tells them, then the answer's text as it is
// generated, then the summary. At most one write is in flight; text that comes meanwhile is
// gathered into one next message, so a slow reader costs memory for one answer and never holds the
// executor up.
//
// Response needs set_text_delta.
//
// Thread-safety: as gRPC reactors; the flow's events come from the decode pool and the executor.
// Whoever is not on a gRPC reaction touches the call for the last time inside the mutex, or owns
// the one write or the finish that it starts after it: gRPC may be done with the call at any moment
// else.
// Ownership: deletes itself when gRPC is done with it, which is after the flow's end.
template <typename Response>
class AnswerStreamCall final : public grpc::ServerWriteReactor<Response>, public FlowSink {
 public:
  using FillResponse = absl::AnyInvocable<void(const Outcome&, const EngineInfo&, Response*)>;
  struct Events {
    FillResponse perception;  // null: this method does not tell
    FillResponse summary;     // never null
  };

  static grpc::ServerWriteReactor<Response>* Start(const RpcContext& context,
                                                   RequestFlow::Arrival arrival,
                                                   AddressedRequest request, Events events) {
    auto* call =
        new AnswerStreamCall(context, std::move(arrival), request.model, std::move(events));
    call->flow_->Start(std::move(request.parsed));
    return call;
  }

  void OnWriteDone(bool ok) override {
    if (!ok) flow_->Cancel();
    absl::ReleasableMutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) unreachable_ = true;
    Proceed(&lock);
  }

  void OnCancel() override {
    flow_->Cancel();
    absl::ReleasableMutexLock lock(&mutex_);
    unreachable_ = true;
    Proceed(&lock);
  }

  void OnDone() override { delete this; }

 private:
  AnswerStreamCall(const RpcContext& context, RequestFlow::Arrival arrival,
                   std::shared_ptr<ServedModel> model, Events events)
      : request_id_(arrival.request_id),
        events_(std::move(events)),
        model_(std::move(model)),
        flow_(std::make_shared<RequestFlow>(context, std::move(arrival), model_, this)) {}

  void OnPerceived(const Outcome& outcome) override {
    if (events_.perception == nullptr) return;
    Response boxes;
    events_.perception(outcome, model_->info(), &boxes);
    absl::ReleasableMutexLock lock(&mutex_);
    boxes_ = std::move(boxes);
    Proceed(&lock);
  }

  void OnText(std::string_view delta) override {
    absl::ReleasableMutexLock lock(&mutex_);
    text_.append(delta);
    Proceed(&lock);
  }

  void OnEnd(const absl::Status& status, const Outcome& outcome) override {
    std::optional<Response> summary;
    if (status.ok()) events_.summary(outcome, model_->info(), &summary.emplace());
    absl::ReleasableMutexLock lock(&mutex_);
    summary_ = std::move(summary);
    end_ = ToGrpcStatus(status, request_id_);
    Proceed(&lock);
  }

  // Takes the next message in order into `in_flight_`; false when there is none.
  bool TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (boxes_.has_value()) {
      in_flight_ = *std::exchange(boxes_, std::nullopt);
    } else if (!text_.empty()) {
      in_flight_.Clear();
      in_flight_.set_text_delta(std::exchange(text_, std::string()));
    } else if (summary_.has_value()) {
      in_flight_ = *std::exchange(summary_, std::nullopt);
    } else {
      return false;
    }
    return true;
  }

  // Starts the next write, or finishes, once the mutex is released.
  void Proceed(absl::ReleasableMutexLock* lock) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (writing_ || finished_) return;
    if (!unreachable_ && TakeNext()) {
      writing_ = true;
      lock->Release();
      this->StartWrite(&in_flight_);
    } else if (end_.has_value()) {
      finished_ = true;
      const grpc::Status end = *std::move(end_);
      lock->Release();
      this->Finish(end);
    }
  }

  const std::string request_id_;
  Events events_;
  const std::shared_ptr<ServedModel> model_;
  const std::shared_ptr<RequestFlow> flow_;

  absl::Mutex mutex_;
  std::optional<Response> boxes_ ABSL_GUARDED_BY(mutex_);
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::optional<Response> summary_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool unreachable_ ABSL_GUARDED_BY(mutex_) = false;  // the client hears nothing any more
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  Response in_flight_;  // whoever sets writing_ owns it until the write is done
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALLS_ANSWER_STREAM_CALL_H_
