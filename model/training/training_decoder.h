// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_TRAINING_DECODER_H_
#define MRMLLM_MODEL_TRAINING_TRAINING_DECODER_H_

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

#include "model/checkpoint/adapters.h"
#include "model/language/language_model.h"
#include "model/training/supervised_sequence.h"

namespace mrmllm {

// Adapters of every linear layer as trainable parameters: float32, A small and random (from
// torch's generator), B zero, so that training begins at the model as it is.
class TrainableAdapters {
 public:
  TrainableAdapters(const LanguageConfig& language, const AdapterConfig& config);

  struct Parameter {
    std::string name;  // as in adapters.safetensors
    at::Tensor value;
  };
  std::vector<Parameter>& parameters() { return parameters_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  double scale() const { return scale_; }

  // Copies, in `dtype`.
  TensorMap Snapshot(at::ScalarType dtype) const;

 private:
  std::vector<Parameter> parameters_;  // A and B of each of AdaptedProjections, in turn
  double scale_;
};

// Sequences packed one after the other, [N] tokens, and what is to be learned of them.
struct PackedSequences {
  explicit PackedSequences(absl::Span<const SupervisedSequence> sequences);

  at::Tensor ids;                // [N] int64
  at::Tensor positions;          // [N] int64
  std::vector<int64_t> lengths;  // of the sequences; together N
  at::Tensor rows;               // [S] int64, ascending: rows whose next token is learned ...
  at::Tensor targets;            // [S] int64: ... and that token
};

// The language model, differentiable: the parameters and modules of a LanguageModel, which stays
// frozen, and libtorch's operators, out of place, with adapters beside every linear layer. Computes
// in the dtype of the model's parameters.
//
//   TrainingDecoder decoder(model, &adapters);
//   at::Tensor logits = decoder.Logits(batch, batch.rows);
//   at::cross_entropy_loss(logits, batch.targets).backward();
//
// Thread-safety: one thread at a time. Ownership: shares the model; borrows the adapters.
// Errors: wrong shapes are bugs and throw c10::Error.
class TrainingDecoder {
 public:
  // `adapters` null: the model as it is. The model's weights are loaded and not packed.
  TrainingDecoder(LanguageModel model, const TrainableAdapters* adapters);

  // Logits of the given rows, [S, vocab] float32.
  at::Tensor Logits(const PackedSequences& batch, const at::Tensor& rows) const;

 private:
  struct AdaptedLinear {
    at::Tensor weight;  // [out, in], frozen
    at::Tensor bias;    // [out], frozen, or undefined
    at::Tensor a;       // [rank, in], undefined without adapters
    at::Tensor b;       // [out, rank]
    double scale = 0;

    at::Tensor operator()(const at::Tensor& x) const;  // [N, in] -> [N, out]
  };
  struct Layer {
    const RmsNormImpl* input_norm;
    const RmsNormImpl* post_attention_norm;
    AdaptedLinear q, k, v, o, gate, up, down;
  };
  at::Tensor Attend(const Layer& layer, const at::Tensor& x, const PackedSequences& batch) const;

  LanguageModel model_;
  RotaryEmbedding rotary_;
  std::vector<Layer> layers_;
  const RmsNormImpl* norm_;
  at::Tensor embedding_;  // [vocab, D]
  at::Tensor head_;       // [vocab, D]
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_TRAINING_DECODER_H_
