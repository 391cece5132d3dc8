// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_CONV_NORM_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_CONV_NORM_H_

#include <torch/torch.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "model/checkpoint/safetensors.h"
#include "model/vision/conv_layer.h"

namespace mrmllm {

// A convolution without bias and the batch norm behind it, as a checkpoint names them beneath the
// layer that they make up: "convolution" and "normalization".
struct ConvNormNames {
  std::string convolution;
  std::string norm;
};

// A convolution into which batch norms are folded: its parameters are `weight` and `bias`, a
// checkpoint's are those of `branches`. Of two branches, which stand side by side and are summed,
// the second may have a smaller kernel.
class ConvNormImpl : public ConvLayerImpl {
 public:
  ConvNormImpl(const ConvOptions& options, std::vector<ConvNormNames> branches, double eps)
      : ConvLayerImpl(options), branches_(std::move(branches)), eps_(eps) {}

  const std::vector<ConvNormNames>& branches() const { return branches_; }
  double eps() const { return eps_; }

 private:
  const std::vector<ConvNormNames> branches_;
  const double eps_;
};
TORCH_MODULE(ConvNorm);

// Replaces, for every ConvNorm in `module`, the checkpoint's tensors under `prefix` by the folded
// `weight` and `bias`, computed in float32: what LoadParameters then loads. Modules without any
// leave `tensors` as they are.
//
// Errors: INVALID_ARGUMENT naming the first tensor that is missing or mis-shaped.
absl::Status FoldBatchNorms(const torch::nn::Module& module, std::string_view prefix,
                            TensorMap& tensors);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_CONV_NORM_H_
