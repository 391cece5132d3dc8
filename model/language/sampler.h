// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_SAMPLER_H_
#define MRMLLM_MODEL_LANGUAGE_SAMPLER_H_

#include <torch/torch.h>

#include <cstdint>
#include <random>
#include <unordered_set>
#include <vector>

#include "absl/types/span.h"

#include "base/generation.h"

namespace mrmllm {

// Chooses the tokens of one answer: repetition penalty, then greedy, or temperature, top-k and
// top-p in that order (Hugging Face's meaning of each).
//
//   Sampler sampler(settings, prompt_ids);
//   int32_t token = sampler.Sample(logits[i]);
//
// The same settings, prompt and logits give the same tokens on every platform. Thread-safety: one
// thread at a time. Errors: logits of the wrong shape throw.
class Sampler {
 public:
  Sampler(const GenerationSettings& settings, absl::Span<const int32_t> prompt);

  // Chooses from logits [vocab] float32, on any device, and remembers the choice. Of equal logits
  // the lowest id comes first.
  int32_t Sample(const at::Tensor& logits);

  // The greedy choice of every row of logits [B, vocab] at once: one transfer for the whole batch.
  static std::vector<int32_t> ArgMax(const at::Tensor& logits);

  // True when Sample() would be ArgMax of the untouched logits.
  bool is_plain_greedy() const;

 private:
  at::Tensor Penalized(const at::Tensor& logits) const;
  int32_t Draw(const at::Tensor& logits);
  double NextUniform();  // [0, 1)

  GenerationSettings settings_;
  std::unordered_set<int32_t> seen_;  // prompt and answer; empty without a penalty
  std::mt19937_64 random_;
};

// Ids that top-k and top-p leave, most probable first (by id where neither cuts), with
// probabilities that sum to one. logits [vocab]; temperature > 0; top_k 0 and top_p 1 are off. At
// least one id is left.
struct Candidates {
  std::vector<int32_t> ids;
  std::vector<double> probabilities;
};
Candidates SelectCandidates(absl::Span<const float> logits, const GenerationSettings& settings);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_SAMPLER_H_
