// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_ADAPTERS_H_
#define MRMLLM_MODEL_CHECKPOINT_ADAPTERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "model/checkpoint/safetensors.h"
#include "model/config.h"

namespace mrmllm {

// Low-rank adapters of the language model (Hu et al., arXiv 2106.09685): a projection's weight
// becomes W + alpha / rank * B A, with A [rank, in] and B [out, rank]. Their tensors carry the
// names of Hugging Face's PEFT: "<projection>.lora_A.weight" and "<projection>.lora_B.weight".

// A linear layer that takes an adapter.
struct AdaptedProjection {
  std::string name;  // in the checkpoint: "language_model.model.layers.0.self_attn.q_proj"
  int64_t in = 0;
  int64_t out = 0;

  // "self_attn.q_proj"
  std::string name_in_layer() const;
  std::string weight_name() const { return name + ".weight"; }
  std::string a_name() const { return name + ".lora_A.weight"; }
  std::string b_name() const { return name + ".lora_B.weight"; }
};

// Every linear layer of every decoder layer, in the order of the model.
std::vector<AdaptedProjection> AdaptedProjections(const LanguageConfig& config);

// That `adapters` holds A and B of every adapted projection, of the right shape and finite, and
// nothing else. Errors: INVALID_ARGUMENT naming the tensor, expected and got.
absl::Status CheckAdapters(const TensorMap& adapters, const AdapterConfig& config,
                           const LanguageConfig& language);

// The weights of `tensors` with the adapters added, computed and kept in float32, so that the
// format they are served in is the only rounding. REQUIRES: CheckAdapters and the shapes of the
// weights are in order: where a weight is missing or mis-shaped it is left to LoadParameters to say
// so.
void MergeAdapters(const TensorMap& adapters, const AdapterConfig& config,
                   const LanguageConfig& language, TensorMap& tensors);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_ADAPTERS_H_
