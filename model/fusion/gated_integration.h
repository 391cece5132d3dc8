// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_GATED_INTEGRATION_H_
#define MRMLLM_MODEL_FUSION_GATED_INTEGRATION_H_

#include <torch/torch.h>

#include <map>

#include "model/config.h"
#include "model/language/decoder_integration.h"
#include "model/language/layers/projection.h"
#include "model/language/layers/rms_norm.h"

namespace mrmllm {

// Gated cross-attention in front of one decoder layer: h + gate * o(attend(q(norm(h)), memory)).
class GatedCrossAttentionImpl : public torch::nn::Module {
 public:
  explicit GatedCrossAttentionImpl(const LanguageConfig& config);

  // memory rows [M, D_lm] -> their keys and values for this layer.
  CrossModalMemory::KeyValue Remember(const at::Tensor& rows) const;

  // hidden [N, D_lm] -> [N, D_lm]; `layer` picks the segments' keys and values.
  at::Tensor forward(int layer, const at::Tensor& hidden, absl::Span<const Segment> segments) const;

  bool closed() const { return gate.item<float>() == 0; }  // reads the device: once, at load

 private:
  RmsNorm norm{nullptr};
  Projection q_proj{nullptr};
  Projection k_proj{nullptr};
  Projection v_proj{nullptr};
  Projection o_proj{nullptr};
  at::Tensor gate;  // [1]
  int64_t heads_;
  int64_t kv_heads_;
};
TORCH_MODULE(GatedCrossAttention);

// Perception-enhanced cross-modal integration, H(n+1) = L_n(H(n), V_proj + P_proj), in front of the
// layers that the bundle names. A gate of exactly 0 is closed: its layer is left out, which is bit
// for bit what computing it would give.
class GatedIntegrationImpl : public torch::nn::Module, public DecoderIntegration {
 public:
  explicit GatedIntegrationImpl(const ModelConfig& config);

  // Reads the gates. Call once, after the parameters are loaded.
  void Prepare();

  bool closed() const;  // at every layer
  void set_compute_closed_paths(bool compute) { compute_closed_paths_ = compute; }

  // memory rows [M, D_lm] (V_proj + P_proj) -> keys and values for every layer that HasLayer.
  CrossModalMemory Remember(const at::Tensor& rows) const;

  bool HasLayer(int n) const override;
  at::Tensor Apply(int n, const at::Tensor& hidden,
                   absl::Span<const Segment> segments) const override;

 private:
  std::map<int, GatedCrossAttention> layers_;
  std::map<int, bool> open_;
  bool compute_closed_paths_ = false;
};
TORCH_MODULE(GatedIntegration);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_GATED_INTEGRATION_H_
