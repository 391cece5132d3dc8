// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/calls/detect_stream_call.h"

#include <utility>
#include <vector>

#include "server/rpc/calls/addressed_request.h"
#include "server/rpc/reply/conversion.h"
#include "server/rpc/reply/grpc_status.h"

namespace mrmllm {

class DetectStreamCall::Frame final : public FlowSink {
 public:
  Frame(DetectStreamCall* call, int64_t index, v1::DetectStreamRequest request)
      : call_(call), request_(std::move(request)) {
    response_.set_frame_index(index);
    AddressedRequest addressed =
        Address(*call->context_.models, request_.has_model() ? request_.model() : call->selector_,
                [&](const ValidationRules& rules) {
                  return ParseFrame(request_, rules, &call->settings_);
                });
    if (request_.has_model() && addressed.parsed.ok()) call->selector_ = request_.model();
    model_ = std::move(addressed.model);
    parsed_ = std::move(addressed.parsed);
    RequestFlow::Arrival arrival = call->arrival_;
    arrival.at = call->context_.clock->Now();
    arrival.trace = call->context_.sampler.BeginMessage(arrival.trace);
    flow_ = std::make_shared<RequestFlow>(call->context_, std::move(arrival), model_, this);
  }

  void OnEnd(const absl::Status& status, const Outcome& outcome) override {
    if (status.ok()) {
      const Outcome::SeenImage& image = outcome.images.front();
      *response_.mutable_detections() = ToImageDetections(
          image, ReportedDetections(*image.perception, outcome.settings, model_->info()));
    } else {
      *response_.mutable_error() = ToRpcStatus(status, call_->arrival_.request_id);
    }
    *response_.mutable_timings() = ToTimings(outcome);
    if (model_ != nullptr) *response_.mutable_model() = ToModelVersion(model_->info());
    call_->EndFrame(this, status);
  }

  absl::StatusOr<ParsedRequest> TakeParsed() { return std::move(parsed_); }
  const v1::DetectStreamResponse& response() const { return response_; }
  const std::shared_ptr<RequestFlow>& flow() const { return flow_; }

  // Guarded by the call's mutex.
  bool ended = false;
  bool refused = false;  // the gate was closed

 private:
  DetectStreamCall* const call_;
  const v1::DetectStreamRequest request_;
  v1::DetectStreamResponse response_;
  std::shared_ptr<ServedModel> model_;  // null: not found
  absl::StatusOr<ParsedRequest> parsed_;
  std::shared_ptr<RequestFlow> flow_;
};

DetectStreamCall* DetectStreamCall::Start(const RpcContext& context, RequestFlow::Arrival arrival) {
  auto* call = new DetectStreamCall(context, std::move(arrival));
  absl::ReleasableMutexLock lock(&call->mutex_);
  call->Proceed(&lock);
  return call;
}

DetectStreamCall::DetectStreamCall(const RpcContext& context, RequestFlow::Arrival arrival)
    : context_(context), arrival_(std::move(arrival)) {
  if (arrival_.fault.ok()) return;
  end_ = arrival_.fault;
  if (context_.observer != nullptr) context_.observer->OnRejection(RejectionOf(end_.value()));
}

DetectStreamCall::~DetectStreamCall() = default;

void DetectStreamCall::OnDone() { delete this; }

void DetectStreamCall::OnReadDone(bool ok) {
  if (ok) StartFrame();
  absl::ReleasableMutexLock lock(&mutex_);
  reading_ = false;
  if (!ok && !end_.has_value()) end_ = absl::OkStatus();
  Proceed(&lock);
}

// `reading_` stays set meanwhile, so frames start one after the other.
void DetectStreamCall::StartFrame() {
  auto frame = std::make_unique<Frame>(this, next_index_++, std::move(incoming_));
  const std::shared_ptr<RequestFlow> flow = frame->flow();
  absl::StatusOr<ParsedRequest> parsed = frame->TakeParsed();
  incoming_.Clear();
  {
    absl::MutexLock lock(&mutex_);
    if (unreachable_ || finished_) return;
    frames_.push_back(std::move(frame));
  }
  flow->Start(std::move(parsed));
}

void DetectStreamCall::EndFrame(Frame* frame, const absl::Status& status) {
  const bool refused = absl::IsUnavailable(status) && !context_.gate->open();
  absl::ReleasableMutexLock lock(&mutex_);
  frame->ended = true;
  frame->refused = refused;
  if (refused && (!end_.has_value() || end_->ok())) end_ = status;
  Proceed(&lock);
}

void DetectStreamCall::OnWriteDone(bool ok) {
  if (!ok) Abandon();
  absl::ReleasableMutexLock lock(&mutex_);
  writing_ = false;
  frames_.pop_front();
  Proceed(&lock);
}

void DetectStreamCall::OnCancel() {
  Abandon();
  absl::ReleasableMutexLock lock(&mutex_);
  Proceed(&lock);
}

void DetectStreamCall::Abandon() {
  std::vector<std::shared_ptr<RequestFlow>> flows;
  {
    absl::MutexLock lock(&mutex_);
    unreachable_ = true;
    if (!end_.has_value()) end_ = absl::CancelledError("the client went away");
    for (const auto& frame : frames_) flows.push_back(frame->flow());
  }
  for (const auto& flow : flows) flow->Cancel();
}

bool DetectStreamCall::MayRead() const {
  return !reading_ && !end_.has_value() && !finished_ &&
         static_cast<int>(frames_.size()) < context_.max_frames_in_flight;
}

bool DetectStreamCall::MayFinish() const {
  return !finished_ && !writing_ && frames_.empty() && end_.has_value();
}

// Nobody hears of them, or the end of the call says it.
void DetectStreamCall::DropUnansweredFrames() {
  while (!writing_ && !frames_.empty() && frames_.front()->ended &&
         (unreachable_ || frames_.front()->refused)) {
    frames_.pop_front();
  }
}

void DetectStreamCall::Proceed(absl::ReleasableMutexLock* lock) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  DropUnansweredFrames();
  const bool read = MayRead();
  const v1::DetectStreamResponse* reply = nullptr;
  if (!writing_ && !frames_.empty() && frames_.front()->ended) {
    reply = &frames_.front()->response();
  }
  if (read) reading_ = true;
  if (reply != nullptr) writing_ = true;
  if (MayFinish()) {
    finished_ = true;
    const grpc::Status end = ToGrpcStatus(*end_, arrival_.request_id);
    lock->Release();
    Finish(end);
    return;
  }
  lock->Release();
  // The call lives on through the operations that were claimed above, so the last line of each
  // branch may be the last that this thread knows of it.
  if (reply != nullptr) {
    if (read) StartRead(&incoming_);
    StartWrite(reply);
  } else if (read) {
    StartRead(&incoming_);
  }
}

}  // namespace mrmllm
