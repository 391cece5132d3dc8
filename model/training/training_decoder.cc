// SPDX-License-Identifier: Apache-2.0
#include "model/training/training_decoder.h"

#include <cmath>

#include "absl/strings/str_cat.h"

#include "model/language/layers/attention.h"

namespace mrmllm {
namespace {

// A module of the model by its name; the model keeps it alive.
template <typename Impl>
Impl* Find(const torch::OrderedDict<std::string, std::shared_ptr<torch::nn::Module>>& modules,
           const std::string& name) {
  auto* module = modules[name]->as<Impl>();
  TORCH_CHECK(module != nullptr, "training_decoder: ", name, " is of another class");
  return module;
}

}  // namespace

TrainableAdapters::TrainableAdapters(const LanguageConfig& language, const AdapterConfig& config)
    : scale_(config.alpha / config.rank) {
  for (const AdaptedProjection& projection : AdaptedProjections(language)) {
    const double deviation = 1 / std::sqrt(static_cast<double>(projection.in));
    parameters_.push_back(
        {projection.a_name(), at::empty({config.rank, projection.in}).normal_(0, deviation)});
    parameters_.push_back({projection.b_name(), at::zeros({projection.out, config.rank})});
  }
  for (Parameter& parameter : parameters_) parameter.value.set_requires_grad(true);
}

TensorMap TrainableAdapters::Snapshot(at::ScalarType dtype) const {
  TensorMap result;
  for (const Parameter& parameter : parameters_) {
    result[parameter.name] =
        parameter.value.detach().to(dtype, /*non_blocking=*/false, /*copy=*/true);
  }
  return result;
}

PackedSequences::PackedSequences(absl::Span<const SupervisedSequence> sequences) {
  std::vector<int64_t> id_list, position_list, row_list, target_list;
  for (const SupervisedSequence& sequence : sequences) {
    const int length = sequence.length();
    const auto begin = static_cast<int64_t>(id_list.size());
    for (int t = 0; t < length; ++t) {
      id_list.push_back(sequence.tokens[t]);
      position_list.push_back(t);
      if (t + 1 < sequence.answer_begin) continue;
      row_list.push_back(begin + t);
      target_list.push_back(sequence.tokens[t + 1]);
    }
    lengths.push_back(length);
  }
  ids = at::tensor(id_list, at::kLong);
  positions = at::tensor(position_list, at::kLong);
  rows = at::tensor(row_list, at::kLong);
  targets = at::tensor(target_list, at::kLong);
}

at::Tensor TrainingDecoder::AdaptedLinear::operator()(const at::Tensor& x) const {
  const at::Tensor y = at::linear(x, weight, bias);
  if (!a.defined()) return y;
  // The scale is taken where the numbers are fewest, and before they are rounded.
  const at::Tensor inner = at::linear(x, (a * scale).to(x.scalar_type()));  // [N, rank]
  return at::addmm(y, inner, b.to(x.scalar_type()).t());
}

TrainingDecoder::TrainingDecoder(LanguageModel model, const TrainableAdapters* adapters)
    : model_(std::move(model)),
      rotary_(model_->config().head_dim, model_->config().max_position_embeddings,
              model_->config().rope_theta, model_->device(), model_->config().rope_scaling) {
  const auto modules = model_->named_modules();
  const auto linear = [&](const std::string& name, int index) {
    const auto* projection = Find<ProjectionImpl>(modules, name);
    AdaptedLinear result{.weight = projection->weight, .bias = projection->bias};
    if (adapters != nullptr) {
      const auto& a = adapters->parameters()[2 * index];
      TORCH_CHECK(a.name == absl::StrCat("language_model.", name, ".lora_A.weight"),
                  "training_decoder: ", name, " got the adapter ", a.name);
      result.a = a.value;
      result.b = adapters->parameters()[2 * index + 1].value;
      result.scale = adapters->scale();
    }
    return result;
  };
  int index = 0;
  for (int n = 0; n < model_->config().num_hidden_layers; ++n) {
    const std::string layer = absl::StrCat("model.layers.", n, ".");
    layers_.push_back(
        {.input_norm = Find<RmsNormImpl>(modules, layer + "input_layernorm"),
         .post_attention_norm = Find<RmsNormImpl>(modules, layer + "post_attention_layernorm"),
         .q = linear(layer + "self_attn.q_proj", index),
         .k = linear(layer + "self_attn.k_proj", index + 1),
         .v = linear(layer + "self_attn.v_proj", index + 2),
         .o = linear(layer + "self_attn.o_proj", index + 3),
         .gate = linear(layer + "mlp.gate_proj", index + 4),
         .up = linear(layer + "mlp.up_proj", index + 5),
         .down = linear(layer + "mlp.down_proj", index + 6)});
    index += 7;
  }
  norm_ = Find<RmsNormImpl>(modules, "model.norm");
  embedding_ = Find<ProjectionImpl>(modules, "model.embed_tokens")->weight;
  head_ = model_->config().tie_word_embeddings ? embedding_
                                               : Find<ProjectionImpl>(modules, "lm_head")->weight;
}

at::Tensor TrainingDecoder::Attend(const Layer& layer, const at::Tensor& x,
                                   const PackedSequences& batch) const {
  const int64_t head_dim = model_->config().head_dim;
  const auto heads = [&](const at::Tensor& y) { return y.view({y.size(0), -1, head_dim}); };
  const at::Tensor q = rotary_.Rotate(heads(layer.q(x)), batch.positions);  // [N, heads, head_dim]
  const at::Tensor k = rotary_.Rotate(heads(layer.k(x)), batch.positions);
  const at::Tensor v = heads(layer.v(x));  // [N, kv_heads, head_dim]
  const auto q_parts = q.split_with_sizes(batch.lengths, 0);
  const auto k_parts = k.split_with_sizes(batch.lengths, 0);
  const auto v_parts = v.split_with_sizes(batch.lengths, 0);
  std::vector<at::Tensor> outs;  // each sequence sees itself alone
  for (size_t i = 0; i < q_parts.size(); ++i) {
    outs.push_back(
        CausalAttention(q_parts[i], k_parts[i].transpose(0, 1), v_parts[i].transpose(0, 1)));
  }
  return layer.o(at::cat(outs, 0));
}

at::Tensor TrainingDecoder::Logits(const PackedSequences& batch, const at::Tensor& rows) const {
  at::Tensor hidden = embedding_.index_select(0, batch.ids);  // [N, D]
  for (const Layer& layer : layers_) {
    hidden = hidden + Attend(layer, layer.input_norm->forward(hidden), batch);
    const at::Tensor x = layer.post_attention_norm->forward(hidden);
    hidden = hidden + layer.down(at::silu(layer.gate(x)) * layer.up(x));
  }
  const at::Tensor wanted = norm_->forward(hidden.index_select(0, rows));
  return at::linear(wanted, head_).to(at::kFloat);
}

}  // namespace mrmllm
