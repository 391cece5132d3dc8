// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_REPORT_LEVEL_SUMMARY_H_
#define MRMLLM_CLIENT_BENCH_REPORT_LEVEL_SUMMARY_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/bench/load_runner.h"
#include "client/bench/percentiles.h"

namespace mrmllm {

// What the requests of one kind came to. The distributions are those of requests that succeeded: a
// refusal is quick and would flatter them.
struct RequestSummary {
  int ended = 0;
  int ok = 0;
  int cached = 0;
  int degraded = 0;
  std::map<absl::StatusCode, int> codes;  // how many ended with each, OK included
  double per_second = 0;                  // that succeeded within the window
  double answer_tokens_per_second = 0;    // of those
  Distribution latency;
  Distribution first_boxes;
  Distribution first_token;
  Distribution per_token;

  int failed() const { return ended - ok; }
};

// One load, summed up.
struct LevelSummary {
  LevelPlan plan;
  absl::Duration window;
  absl::Duration latest_start;
  int not_sent = 0;
  int unfinished = 0;
  bool stopped = false;
  absl::Status first_error;
  RequestSummary all;
  std::vector<std::pair<Rpc, RequestSummary>> rpcs;  // those that occurred

  bool open_loop() const { return plan.rate > 0; }
  // "16" clients, "2.5" arrivals a second.
  std::string LevelText() const;
};

LevelSummary Summarize(const LevelResult& result);

// What was measured, and how: the same for every level.
struct BenchSetting {
  std::string server;
  std::string model;  // "coco-135m 1 (bfloat16, cpu)"; empty: the server does not tell
  std::string mix;
  int images = 0;
  bool cold = true;
  int max_new_tokens = 0;
  int connections = 0;
  absl::Duration timeout;
  uint64_t seed = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_REPORT_LEVEL_SUMMARY_H_
