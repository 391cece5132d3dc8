// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_BENCH_REPORT_LEVELS_H_
#define MRMLLM_TESTS_CLIENT_BENCH_REPORT_LEVELS_H_

#include "client/bench/report/level_summary.h"

namespace mrmllm {

inline Sample OkSample(Rpc rpc, absl::Duration latency) {
  Sample sample{.rpc = rpc, .latency = latency};
  if (rpc != Rpc::kDetect) {
    sample.first_token = latency / 2;
    sample.per_token = absl::Milliseconds(10);
    sample.answer_tokens = 8;
  }
  if (rpc == Rpc::kPerceive) sample.first_boxes = latency / 4;
  return sample;
}

inline Sample FailedSample(Rpc rpc, absl::StatusCode code) {
  return {.rpc = rpc, .code = code, .latency = absl::Milliseconds(1)};
}

// Ten seconds of `clients` clients: 20 Detect of 100 ms, 10 PerceiveAndAnswer of a second, and 2
// that were refused.
inline LevelResult SomeLevel(int clients) {
  LevelResult result{.plan = {.clients = clients}, .window = absl::Seconds(10)};
  for (int i = 0; i < 20; ++i) {
    result.samples.push_back(OkSample(Rpc::kDetect, absl::Milliseconds(100)));
  }
  for (int i = 0; i < 10; ++i) {
    result.samples.push_back(OkSample(Rpc::kPerceive, absl::Seconds(1)));
  }
  for (int i = 0; i < 2; ++i) {
    result.samples.push_back(FailedSample(Rpc::kPerceive, absl::StatusCode::kResourceExhausted));
  }
  result.first_error = absl::ResourceExhaustedError("the queue is <full>");
  return result;
}

inline BenchSetting SomeSetting() {
  return {.server = "127.0.0.1:1",
          .model = "coco-135m 1 (bfloat16, cpu)",
          .mix = "detect=0.5,perceive=0.5",
          .images = 6,
          .max_new_tokens = 64,
          .connections = 4,
          .timeout = absl::Seconds(60),
          .seed = 1};
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_BENCH_REPORT_LEVELS_H_
