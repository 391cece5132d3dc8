// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_DEVICE_H_
#define MRMLLM_MODEL_DEVICE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "c10/core/StreamGuard.h"
#include "torch/torch.h"

namespace mrmllm {

// The device that a setting names: "cpu" or "cuda:N" ("cuda" is "cuda:0"). The program links
// libtorch's CPU half only; the CUDA half is loaded here, when it is asked for, so that one binary
// serves both.
//
// Thread-safety: safe for concurrent use; loading happens once.
// Errors: INVALID_ARGUMENT for another word; UNAVAILABLE when the CUDA half, the driver or that
// device is missing, saying which.
absl::StatusOr<at::Device> OpenDevice(const std::string& name);

// The queue that one executor's work for a device stands in: on a GPU a stream of its own, so that
// executors of one process do not wait for each other and copies from pinned memory overlap with
// computing; on a CPU nothing. Nobody waits for the device except where a result leaves it (a copy
// to the CPU).
//
//   const ExecutionStream stream(device);
//   {
//     const ExecutionStream::Scope on_stream(stream);   // this thread's operators go there
//     ...
//   }
//
// Tensors made under one stream's scope may be read under it, or anywhere after their stream has
// been waited for. Thread-safety: const; a Scope belongs to the thread that made it.
class ExecutionStream {
 public:
  explicit ExecutionStream(at::Device device);

  class Scope {
   public:
    explicit Scope(const ExecutionStream& stream);

   private:
    std::optional<c10::StreamGuard> guard_;
  };

  // Whether this is a stream of its own rather than the order in which a CPU does things.
  bool asynchronous() const { return stream_.has_value(); }

 private:
  std::optional<c10::Stream> stream_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_DEVICE_H_
