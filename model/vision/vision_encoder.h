// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_VISION_ENCODER_H_
#define MRMLLM_MODEL_VISION_VISION_ENCODER_H_

#include <torch/torch.h>

#include <memory>

#include "absl/status/statusor.h"

#include "model/config.h"

namespace mrmllm {

// An image encoder: the paper's "visual forward". Parameter names are the checkpoint's without the
// prefix "vision_encoder.".
//
//   ASSIGN_OR_RETURN(auto encoder, MakeVisionEncoder(config.vision_encoder));
//   RETURN_IF_ERROR(LoadParameters(*encoder, "vision_encoder", tensors, dtype, device));
//   encoder->Prepare();
//   at::Tensor map = encoder->FeatureMap(pixel_values);   // Vf_m
//
// Works in the dtype and on the device of its parameters. Thread-safety: FeatureMap and Classify
// may run concurrently.
class VisionEncoder : public torch::nn::Module {
 public:
  // Lays parameters out for inference; call once after they are loaded. Changes no result.
  virtual void Prepare() = 0;

  // Normalised pixels [B, 3, S, S] -> Vf_m as a map [B, D_m, h, w], D_m = config.feature_channels.
  virtual at::Tensor FeatureMap(const at::Tensor& pixel_values) const = 0;

  // A feature map -> logits [B, labels].
  virtual at::Tensor Classify(const at::Tensor& feature_map) const = 0;
};

// The encoder that `config.family` names, parameters 0. INVALID_ARGUMENT for a family, variant or
// dimension that there is no implementation of.
absl::StatusOr<std::shared_ptr<VisionEncoder>> MakeVisionEncoder(const VisionEncoderConfig& config);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_VISION_ENCODER_H_
