// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LANGUAGE_MODEL_H_
#define MRMLLM_MODEL_LANGUAGE_LANGUAGE_MODEL_H_

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "absl/types/span.h"

#include "model/config.h"
#include "model/language/decoder_integration.h"
#include "model/language/kv/kv_cache.h"
#include "model/language/layers/decoder_layer.h"
#include "model/language/layers/rotary_embedding.h"
#include "model/language/packed/weight_format.h"
#include "model/language/packed_decoder.h"

namespace mrmllm {

// One sequence's part of a step.
struct LanguageInput {
  absl::Span<const int32_t> tokens;          // >= 1: one to decode, a chunk to prefill
  KvCache* cache = nullptr;                  // not owned; the tokens are appended
  const CrossModalMemory* memory = nullptr;  // not owned; null: the sequence reads no image
};

// What the checkpoint calls `model`: embedding, layers and the last norm.
class DecoderImpl : public torch::nn::Module {
 public:
  explicit DecoderImpl(const LanguageConfig& config);

  Projection embed_tokens{nullptr};  // weight [vocab, D]
  std::vector<DecoderLayer> layers;
  RmsNorm norm{nullptr};
};
TORCH_MODULE(Decoder);

// A decoder of the families of Llama, Mistral and Qwen2 (RMSNorm, rotary positions, grouped-query
// attention, SwiGLU) over ragged batches: sequences at different positions, decoding and
// prefilling, share one step whose tokens are packed into one matrix [N, D]; only attention sees
// sequences apart.
//
//   LanguageModel model(config.language_model);
//   RETURN_IF_ERROR(LoadParameters(*model, "language_model", tensors, std::nullopt, device));
//   model->Prepare(WeightFormat::kInt4);
//   at::Tensor logits = model->Forward({{prompt, cache.get(), memory.get()}});
//
// Parameter names are those of Hugging Face checkpoints.
//
// Thread-safety: one thread at a time; steps share a workspace.
// Ownership: inputs and the integration are borrowed. Errors: wrong inputs are bugs and throw
// c10::Error before any cache has changed its length.
class LanguageModelImpl : public torch::nn::Module {
 public:
  explicit LanguageModelImpl(const LanguageConfig& config);

  // Brings the parameters, in whatever dtype they were loaded, to `format` and makes the rotary
  // tables. Call once. On a CPU every format but float32 is packed and the parameters are let go.
  // `adapters`, one entry a layer, or none: kept beside the packed weights; unpacked formats have
  // none, so add those to the parameters before.
  void Prepare(WeightFormat format, const std::vector<LayerAdapters>& adapters = {});

  // With the parameters as they are.
  void Prepare();

  // What stands in front of the layers; null: nothing. Borrowed.
  void set_integration(const DecoderIntegration* integration) { integration_ = integration; }

  // Logits of each input's last token, [B, vocab] float32 on the model's device.
  at::Tensor Forward(absl::Span<const LanguageInput> inputs);

  // Logits of every token, [N, vocab] float32: for parity tests and scoring.
  at::Tensor ForwardAllTokens(absl::Span<const LanguageInput> inputs);

  // What its keys and values are kept in: float32 where it computes exactly, else bfloat16.
  at::ScalarType kv_dtype() const {
    return weight_format() == WeightFormat::kFloat32 ? at::kFloat : at::kBFloat16;
  }

  // L_e = f_L(T'): the text embedding of token ids [N] -> [N, D].
  at::Tensor Embed(const at::Tensor& ids);

  WeightFormat weight_format() const;
  size_t weight_bytes() const;  // what a token reads, embedding and head included
  at::ScalarType dtype() const { return model->embed_tokens->weight.scalar_type(); }
  at::Device device() const { return model->embed_tokens->weight.device(); }
  const LanguageConfig& config() const { return config_; }

 private:
  void PackWeights(WeightFormat format, const std::vector<LayerAdapters>& adapters);
  enum class Rows { kAll, kLastOfEach };
  // Runs all layers and appends to the caches; returns the last layer's output, [N, D], or, when no
  // more is wanted, perhaps only the rows of each input's last token, [B, D].
  at::Tensor Run(absl::Span<const LanguageInput> inputs, Rows wanted,
                 std::vector<Segment>& segments);
  at::Tensor Logits(const at::Tensor& hidden);

  LanguageConfig config_;
  Decoder model{nullptr};
  Projection lm_head{nullptr};             // null where tied to the embedding
  std::unique_ptr<PackedDecoder> packed_;  // null: the modules' own parameters are used
  std::unique_ptr<RotaryEmbedding> rotary_;
  const DecoderIntegration* integration_ = nullptr;
};
TORCH_MODULE(LanguageModel);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LANGUAGE_MODEL_H_
