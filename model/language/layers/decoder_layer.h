// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_DECODER_LAYER_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_DECODER_LAYER_H_

#include <torch/torch.h>

#include "model/config.h"
#include "model/language/layers/attention.h"
#include "model/language/layers/mlp.h"
#include "model/language/layers/rms_norm.h"

namespace mrmllm {

// L_n: h += attention(norm(h)); h += mlp(norm(h)).
class DecoderLayerImpl : public torch::nn::Module {
 public:
  DecoderLayerImpl(const LanguageConfig& config, int layer);

  void Prepare();

  // hidden [N, D], in place.
  void Forward(at::Tensor& hidden, const DecoderStep& step) const;

  const Attention& attention() const { return self_attn; }

 private:
  RmsNorm input_layernorm{nullptr};
  Attention self_attn{nullptr};
  RmsNorm post_attention_layernorm{nullptr};
  Mlp mlp{nullptr};
};
TORCH_MODULE(DecoderLayer);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_DECODER_LAYER_H_
