// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_CALLER_H_
#define MRMLLM_CLIENT_BENCH_CALLER_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/bench/rpc_mix.h"

namespace mrmllm {

// One request to send.
struct Query {
  Rpc rpc = Rpc::kPerceive;
  std::string image;  // an encoded picture
  std::string question;
};

// What the caller saw of one request, at which times of its clock.
struct Reply {
  absl::Status status;
  std::optional<absl::Time> first_boxes;  // of a streamed PerceiveAndAnswer
  std::optional<absl::Time> first_text;   // the first piece of the answer
  absl::Time ended;
  int answer_tokens = 0;
  bool cached = false;    // perception came from the server's cache
  bool degraded = false;  // boxes without an answer, because the deadline left no time for it
};

// Sends requests without waiting for their ends.
//
// Thread-safety: safe for concurrent use.
// Ownership: outlives every request that it started.
class Caller {
 public:
  virtual ~Caller() = default;

  // Calls `done` exactly once, on any thread, perhaps before it returns.
  virtual void Start(Query query, std::function<void(Reply)> done) = 0;

  // Cancels every request that has not ended, and those that are started later; each still ends
  // with a call of its `done`.
  virtual void CancelAll() = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_CALLER_H_
