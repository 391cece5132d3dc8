// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_DECODER_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_DECODER_H_

#include <torch/torch.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/language/layers/decoder_layer.h"
#include "model/language/packed/encoded_rows.h"
#include "model/language/packed/packed_matrix.h"

namespace mrmllm {

// A low-rank adapter of a linear layer: what is added to its weight is b a.
struct LowRankAdapter {
  at::Tensor a;  // [rank, in] float32
  at::Tensor b;  // [out, rank] float32, the adapter's scale included
};

// The adapters of a decoder layer by its projections' names: "self_attn.q_proj".
using LayerAdapters = std::map<std::string, LowRankAdapter>;

// The modules' parameters in bfloat16, int8 or int4, and the layers' arithmetic on them: the
// hidden state stays float32, every product takes its rows encoded, and what surrounds a product
// (norm before, SwiGLU and residual after) happens in the same pass. For CPUs.
//
//   PackedDecoder decoder(config, WeightFormat::kInt4);
//   decoder.AddLayer(layer);                        // takes the weights out of the module
//   at::Tensor hidden = decoder.Embed(ids);         // [N, D], valid until the next Embed
//   decoder.Forward(n, hidden, step);
//   at::Tensor logits = decoder.Logits(hidden);
//
// Thread-safety: one thread at a time. Ownership: owns the packed weights and a workspace that
// grows to the largest step; borrows nothing but what a step brings. Errors: wrong shapes throw.
class PackedDecoder {
 public:
  PackedDecoder(const LanguageConfig& config, WeightFormat format);

  // Adapters stay beside the weights: a few more columns of each matrix read what the layer's input
  // becomes in the adapters' inner width. Four-bit codes that hold a checkpoint exactly, as those
  // of a GGUF's Q4_1 do, would round away what an adapter adds to a weight.
  //
  // Each packs parameters and leaves the module's own empty. An untied head is set after the
  // embedding, which is the head otherwise.
  void AddLayer(DecoderLayer& layer, const LayerAdapters& adapters = {});
  void SetEmbedding(torch::nn::Module& embedding);
  void SetHead(torch::nn::Module& head);
  void SetNorm(torch::nn::Module& norm);

  // ids [N] int64 -> [N, D] float32 in the workspace.
  at::Tensor Embed(const at::Tensor& ids);

  // hidden [N, D] through layer n, in place.
  void Forward(int n, at::Tensor& hidden, const DecoderStep& step);

  // The last layer, when only the logits of each segment's last row are wanted: [N, D] -> [B, D].
  // All rows' keys and values are kept, the rest of the layer is spared for the other rows.
  at::Tensor ForwardLast(const at::Tensor& hidden, const DecoderStep& step);

  // [N, D] -> [N, vocab] float32.
  at::Tensor Logits(const at::Tensor& hidden);

  WeightFormat format() const { return format_; }
  size_t size_bytes() const;

 private:
  // A weight, or several that read the same input, and what their adapters make of that input
  // first; `inner` is empty without adapters.
  struct Product {
    packed::PackedMatrix inner;  // [ranks, in], in 8 bits
    packed::PackedMatrix weight;
  };
  struct Layer {
    at::Tensor input_norm;           // [D] float32
    at::Tensor post_attention_norm;  // [D] float32
    Product qkv;
    Product o;
    Product gate_up;
    Product down;
    Attention attention{nullptr};
  };

  Product PackProduct(DecoderLayer& layer, const std::vector<std::string>& names,
                      const LayerAdapters& adapters) const;
  // Of a product's input, freshly encoded: adds what its adapters read.
  void Adapt(const Product& product);
  // What attention adds to the hidden state, before the projection back to it: [N, heads * dim].
  at::Tensor Attend(const Layer& layer, const at::Tensor& hidden, const DecoderStep& step);
  // hidden += o(attended); hidden += mlp(norm(hidden)).
  void FeedForward(const Layer& layer, const at::Tensor& attended, at::Tensor& hidden);
  // Views of the workspace for N rows; new ones only when N has changed.
  void SetRows(int64_t rows);

  const LanguageConfig config_;
  const WeightFormat format_;
  const float epsilon_;
  std::vector<Layer> layers_;
  packed::PackedMatrix embedding_;
  packed::PackedMatrix head_;  // empty where tied to the embedding
  at::Tensor norm_;
  packed::EncodedRows encoded_;
  std::vector<float> adapted_;
  at::Tensor storage_;
  at::Tensor hidden_;
  at::Tensor qkv_;
  at::Tensor inner_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_DECODER_H_
