// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_BENCH_CLOSED_LOOP_H_
#define MRMLLM_TESTS_BENCH_CLOSED_LOOP_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace mrmllm {

// What a closed loop saw.
struct LoopResult {
  int64_t replies = 0;
  int64_t failures = 0;
  absl::Duration wall;
  absl::Duration cpu;  // of the whole process: client and server

  double replies_per_second() const { return replies / absl::ToDoubleSeconds(wall); }
  double cpu_microseconds_per_reply() const {
    return absl::ToDoubleMicroseconds(cpu) / static_cast<double>(replies);
  }
};

// Starts one call of caller number `caller`; `done` runs once, on any thread, when it has ended.
using StartCall = std::function<void(int caller, std::function<void(const grpc::Status&)> done)>;

// `callers` callers that each start their next call when the last one has ended, for `duration`.
// Returns when no call is under way any more.
LoopResult RunClosedLoop(int callers, absl::Duration duration, const StartCall& start);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_BENCH_CLOSED_LOOP_H_
