// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALLS_DETECT_STREAM_CALL_H_
#define MRMLLM_SERVER_RPC_CALLS_DETECT_STREAM_CALL_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/server_callback.h"

#include "mrmllm/v1/mrmllm_service.pb.h"
#include "server/rpc/request/request_validation.h"
#include "server/rpc/request_flow.h"
#include "server/rpc/rpc_context.h"

namespace mrmllm {

// A bidirectional call: frames in, one reply for each out, in their order. Up to
// max_frames_in_flight are read and not yet answered; the next read starts only when one of them
// is, so that a client that writes faster, or does not read, is held back by flow control. A bad
// frame is answered with its error and the stream goes on. When the server drains, the frames that
// it took are answered and the call ends with UNAVAILABLE.
//
// Thread-safety and ownership: as AnswerStreamCall.
class DetectStreamCall final
    : public grpc::ServerBidiReactor<v1::DetectStreamRequest, v1::DetectStreamResponse> {
 public:
  // The call, reading its first frame; over at once when its metadata are wrong.
  static DetectStreamCall* Start(const RpcContext& context, RequestFlow::Arrival arrival);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // One frame, from its read to its reply.
  class Frame;

  DetectStreamCall(const RpcContext& context, RequestFlow::Arrival arrival);
  ~DetectStreamCall() override;

  void StartFrame() ABSL_LOCKS_EXCLUDED(mutex_);
  void EndFrame(Frame* frame, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  void Abandon() ABSL_LOCKS_EXCLUDED(mutex_);
  // Starts whatever read, write or finish is due, once the mutex is released.
  void Proceed(absl::ReleasableMutexLock* lock);
  bool MayRead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayFinish() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropUnansweredFrames() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RpcContext& context_;  // the service's, which outlives every RPC
  const RequestFlow::Arrival arrival_;
  FrameSettings settings_;            // of the last valid frame; reads only
  v1::ModelSelector selector_;        // likewise
  int64_t next_index_ = 0;            // reads only
  v1::DetectStreamRequest incoming_;  // the one read in flight owns it

  absl::Mutex mutex_;
  std::deque<std::unique_ptr<Frame>> frames_ ABSL_GUARDED_BY(mutex_);  // read, not yet answered
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);  // set: no more frames are read
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool unreachable_ ABSL_GUARDED_BY(mutex_) = false;  // the client hears nothing any more
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALLS_DETECT_STREAM_CALL_H_
