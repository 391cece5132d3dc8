// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_FUSION_H_
#define MRMLLM_MODEL_FUSION_FUSION_H_

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "model/config.h"
#include "model/fusion/detection_embedding.h"
#include "model/fusion/gated_integration.h"
#include "model/fusion/perception_reinforcement.h"
#include "model/fusion/projector.h"
#include "model/fusion/shared_query_fusion.h"

namespace mrmllm {

// What one image brings to a sequence's memory.
struct ImageMemoryInput {
  at::Tensor q_shared;  // [K, D], one image's row of FuseQueries; undefined: detections only
  absl::Span<const Detection> detections;
};

// The three mechanisms by which perception and comprehension reinforce each other, less the prompt.
//
//   Fusion fusion(config);
//   RETURN_IF_ERROR(LoadParameters(*fusion, "fusion", tensors, dtype, device));
//   fusion->Prepare();
//   language_model->set_integration(fusion->integration());
//   at::Tensor q_shared = fusion->FuseQueries(vf_m, vf_p);          // Q_shared
//   vf_p = fusion->ReinforcePerception(vf_p, q_shared);             // Vf_p'
//   auto memory = fusion->BuildMemory({{q_shared[0], detections}});  // V_proj + P_proj
//
// A request that switches query fusion off skips ReinforcePerception; one that switches decoder
// integration off passes no memory. Every path enters through a gate; while a gate is exactly 0 its
// path is skipped and outputs are bit for bit those of the parts alone.
//
// Thread-safety: const after Prepare. Ownership: integration() lives as long as this. Errors: wrong
// shapes are bugs and throw.
class FusionImpl : public torch::nn::Module {
 public:
  explicit FusionImpl(const ModelConfig& config);

  // Reads the gates. Call once, after the parameters are loaded.
  void Prepare();

  // Whether anything reads Q_shared; if not, FuseQueries need not be called.
  bool needs_queries() const { return !reinforcement_closed() || !integration_closed(); }
  bool reinforcement_closed() const;
  bool integration_closed() const;

  // Computes what closed gates would let nothing through of, too: for tests.
  void set_compute_closed_paths(bool compute);

  // Q_shared = F(Vf_m, Vf_p): comprehension [B, D_m, h, w], perception one [B, D_p, h, w] a level,
  // finest first -> [B, K, D].
  at::Tensor FuseQueries(const at::Tensor& comprehension,
                         const std::vector<at::Tensor>& perception) const;

  // Vf_p' = Vf_p + gate * attend(Vf_p, Q_shared).
  std::vector<at::Tensor> ReinforcePerception(const std::vector<at::Tensor>& perception,
                                              const at::Tensor& q_shared) const;

  // What the decoder reads: for every image K rows V_proj(Q_shared) + P_proj(Q_shared), then a row
  // P_proj(detection) a detection. Null when there is nothing to read or every gate is closed.
  std::shared_ptr<const CrossModalMemory> BuildMemory(
      absl::Span<const ImageMemoryInput> images) const;

  const DecoderIntegration* integration() const { return integration_.get(); }

 private:
  SharedQueryFusion query_fusion{nullptr};
  PerceptionReinforcement perception_reinforcement{nullptr};
  Projector visual_proj{nullptr};
  Projector perception_proj{nullptr};
  DetectionEmbedding detection_embedding{nullptr};
  GatedIntegration integration_{nullptr};
  bool compute_closed_paths_ = false;
};
TORCH_MODULE(Fusion);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_FUSION_H_
