// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_BENCH_NULL_ENGINE_H_
#define MRMLLM_TESTS_BENCH_NULL_ENGINE_H_

#include <memory>
#include <vector>

#include "server/engine.h"

namespace mrmllm {

// An engine that costs nothing, so that what is left of a request is what the server itself costs.
// Every image holds the same few objects; every answer is one short token.
//
// Thread-safety: has no state that changes, so safe for concurrent use.
class NullEngine : public Engine {
 public:
  NullEngine();

  const EngineInfo& info() const override { return info_; }
  int EstimatePromptTokens(int image_count, size_t text_bytes) const override;
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override;
  absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput& input) override;
  std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) override;
  std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) override;

 private:
  EngineInfo info_;
  std::vector<Detection> detections_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_BENCH_NULL_ENGINE_H_
