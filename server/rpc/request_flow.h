// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_FLOW_H_
#define MRMLLM_SERVER_RPC_REQUEST_FLOW_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "base/trace_context.h"
#include "server/models/served_model.h"
#include "server/rpc/reply/outcome.h"
#include "server/rpc/request/image_intake.h"
#include "server/rpc/request/parsed_request.h"
#include "server/rpc/rpc_context.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// Whoever writes the reply to one request.
// Thread-safety: called by one thread at a time, in this order; must return quickly.
class FlowSink {
 public:
  virtual ~FlowSink() = default;

  // All images were looked at, once: what was seen may get better until the end. At most once; not
  // for a request without images.
  virtual void OnPerceived(const Outcome& /*outcome*/) {}

  // The next piece of the answer: whole UTF-8 characters, never empty.
  virtual void OnText(std::string_view /*delta*/) {}

  // The end, exactly once; the sink is not touched again. `outcome` is complete when `status` is
  // OK.
  virtual void OnEnd(const absl::Status& status, const Outcome& outcome) = 0;
};

// The life of one request, from valid fields to its end; the same for every method.
//
//   flow_ = std::make_shared<RequestFlow>(context, arrival, model, this);
//   flow_->Start(ParseDetect(request, model->rules()));   // on the gRPC reaction
//   flow_->Cancel();                             // the client went away
//
// Start reads image headers and reserves a place, then hands over to the decode pool, which loads
// the images and submits to the scheduler; the executor brings the rest.
//
// Thread-safety: Cancel may be called from any thread after Start was entered; the others are
// internal.
// Ownership: the flow keeps itself alive until its end, apart from whoever made it, and its model
// as long as itself. The sink and the message that the request was parsed from must live until
// OnEnd.
// Errors: through OnEnd, as the contract names them.
class RequestFlow final : public RequestListener, public std::enable_shared_from_this<RequestFlow> {
 public:
  struct Arrival {
    std::string_view method;  // a literal
    std::string request_id;
    std::string caller;                       // its id; empty: callers need not say who they are
    std::string tenant;                       // empty: the caller named none
    Priority max_priority = Priority::kHigh;  // a higher wish of the request's is lowered to it
    TraceContext trace;
    absl::Status fault;  // not OK: the call may not come in, and nothing of it is done
    absl::Time at;
    absl::Time deadline = absl::InfiniteFuture();  // by the context's clock
  };

  // `context` is the service's and outlives every RPC; `model` may be null for a request that is
  // then started with an error.
  RequestFlow(const RpcContext& context, Arrival arrival, std::shared_ptr<ServedModel> model,
              FlowSink* sink);

  void Start(absl::StatusOr<ParsedRequest> parsed);
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);

  // RequestListener:
  void OnFirstLook(const std::vector<std::shared_ptr<const Perception>>& images) override;
  void OnPerceived(const std::vector<std::shared_ptr<const Perception>>& images) override;
  void OnText(std::string_view delta) override;
  void OnDone(absl::Status status, const RequestResult& result) override;

 private:
  // Gate, headers, ledger. On error nothing is held.
  absl::Status Admit();
  absl::Status CheckImages(Cost* cost);
  void AddAnswer(Cost* cost) const;
  void LoadAndSubmit();
  absl::Status LoadImages();
  absl::Status Submit() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status StillWanted() ABSL_LOCKS_EXCLUDED(mutex_);
  void See(const std::vector<std::shared_ptr<const Perception>>& images);
  ImageIntake::Intent intent() const;
  void CountRejection(const absl::Status& status) const;
  void End(absl::Status status);

  const RpcContext& context_;
  const Arrival arrival_;
  const std::shared_ptr<ServedModel> model_;
  FlowSink* sink_;  // null after the end

  // One thread after the other: reaction, decode pool, executor.
  ParsedRequest parsed_;
  std::vector<ImageIntake::TakenImage> images_;
  Reservation place_;
  absl::Time handed_over_;
  Outcome outcome_;
  bool inside_gate_ = false;
  bool told_of_images_ = false;
  bool guided_ = false;     // a question or classes say what to look for
  bool scheduled_ = false;  // the end came from the scheduler

  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<RequestHandle> handle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_FLOW_H_
