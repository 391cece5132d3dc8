// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/decoder_layer.h"

namespace mrmllm {

DecoderLayerImpl::DecoderLayerImpl(const LanguageConfig& config, int layer) {
  const int64_t width = config.hidden_size;
  const double epsilon = config.rms_norm_eps;
  input_layernorm = register_module("input_layernorm", RmsNorm(width, epsilon));
  self_attn = register_module("self_attn", Attention(config, layer));
  post_attention_layernorm = register_module("post_attention_layernorm", RmsNorm(width, epsilon));
  mlp = register_module("mlp", Mlp(width, config.intermediate_size));
}

void DecoderLayerImpl::Prepare() {
  self_attn->Prepare();
  mlp->Prepare();
}

void DecoderLayerImpl::Forward(at::Tensor& hidden, const DecoderStep& step) const {
  self_attn->ForwardOnto(hidden, input_layernorm->forward(hidden), step);
  mlp->ForwardOnto(hidden, post_attention_layernorm->forward(hidden));
}

}  // namespace mrmllm
