// SPDX-License-Identifier: Apache-2.0
#include "model/language/language_model.h"

#include <algorithm>
#include <string>

namespace mrmllm {
namespace {

// Where each input's rows lie in the packed matrix; throws on what cannot be run.
std::vector<Segment> PackRows(absl::Span<const LanguageInput> inputs) {
  std::vector<Segment> segments;
  int64_t row = 0;
  for (const LanguageInput& input : inputs) {
    const auto count = static_cast<int64_t>(input.tokens.size());
    TORCH_CHECK(count > 0, "language_model: expected at least one token an input, got none");
    TORCH_CHECK(input.cache != nullptr, "language_model: expected a cache, got null");
    const absl::Status room = input.cache->CheckRoom(count);
    TORCH_CHECK(room.ok(), std::string(room.message()));
    segments.push_back({row, count, input.cache->length(), input.cache, input.memory});
    row += count;
  }
  return segments;
}

// Token ids and positions of all rows, [2, N] int64.
at::Tensor IdsAndPositions(absl::Span<const LanguageInput> inputs,
                           const std::vector<Segment>& segments) {
  const int64_t rows = segments.back().row_begin + segments.back().row_count;
  at::Tensor result = at::empty({2, rows}, at::kLong);
  int64_t* ids = result.mutable_data_ptr<int64_t>();
  int64_t* positions = ids + rows;
  for (size_t i = 0; i < inputs.size(); ++i) {
    ids = std::copy(inputs[i].tokens.begin(), inputs[i].tokens.end(), ids);
    for (int64_t t = 0; t < segments[i].row_count; ++t) *positions++ = segments[i].position + t;
  }
  return result;
}

bool AnyMemory(const std::vector<Segment>& segments) {
  return std::any_of(segments.begin(), segments.end(),
                     [](const Segment& s) { return s.memory != nullptr; });
}

}  // namespace

DecoderImpl::DecoderImpl(const LanguageConfig& config) {
  embed_tokens = register_module("embed_tokens", Projection(config.hidden_size, config.vocab_size));
  torch::nn::ModuleList list;
  for (int n = 0; n < config.num_hidden_layers; ++n) {
    layers.emplace_back(config, n);
    list->push_back(layers.back());
  }
  register_module("layers", list);
  norm = register_module("norm", RmsNorm(config.hidden_size, config.rms_norm_eps));
}

LanguageModelImpl::LanguageModelImpl(const LanguageConfig& config) : config_(config) {
  model = register_module("model", Decoder(config));
  if (!config.tie_word_embeddings) {
    lm_head = register_module("lm_head", Projection(config.hidden_size, config.vocab_size));
  }
}

void LanguageModelImpl::Prepare() {
  if (packed_ == nullptr) {
    for (DecoderLayer& layer : model->layers) layer->Prepare();
  }
  rotary_ = std::make_unique<RotaryEmbedding>(config_.head_dim, config_.max_position_embeddings,
                                              config_.rope_theta, device(), config_.rope_scaling);
}

void LanguageModelImpl::Prepare(WeightFormat format, const std::vector<LayerAdapters>& adapters) {
  TORCH_CHECK(adapters.empty() || adapters.size() == model->layers.size(),
              "language_model: expected adapters of ", model->layers.size(), " layers, got ",
              adapters.size());
  if (device().is_cpu() && format != WeightFormat::kFloat32) {
    PackWeights(format, adapters);
  } else {
    TORCH_CHECK(adapters.empty(), "language_model: unpacked weights hold their adapters");
    TORCH_CHECK(format <= WeightFormat::kBfloat16, "language_model: ", WeightFormatName(format),
                " weights are for CPUs");
    to(format == WeightFormat::kFloat32 ? at::kFloat : at::kBFloat16);
  }
  Prepare();
}

void LanguageModelImpl::PackWeights(WeightFormat format,
                                    const std::vector<LayerAdapters>& adapters) {
  packed_ = std::make_unique<PackedDecoder>(config_, format);
  for (size_t n = 0; n < model->layers.size(); ++n) {
    packed_->AddLayer(model->layers[n], adapters.empty() ? LayerAdapters{} : adapters[n]);
  }
  packed_->SetEmbedding(*model->embed_tokens);
  packed_->SetNorm(*model->norm);
  if (!lm_head.is_empty()) packed_->SetHead(*lm_head);
}

WeightFormat LanguageModelImpl::weight_format() const {
  if (packed_ != nullptr) return packed_->format();
  return dtype() == at::kFloat ? WeightFormat::kFloat32 : WeightFormat::kBfloat16;
}

size_t LanguageModelImpl::weight_bytes() const {
  if (packed_ != nullptr) return packed_->size_bytes();
  size_t sum = 0;
  for (const at::Tensor& parameter : parameters()) sum += parameter.nbytes();
  return sum;
}

at::Tensor LanguageModelImpl::Forward(absl::Span<const LanguageInput> inputs) {
  const c10::InferenceMode inference;
  if (inputs.empty()) return at::empty({0, config_.vocab_size}, at::device(device()));
  std::vector<Segment> segments;
  at::Tensor hidden = Run(inputs, Rows::kLastOfEach, segments);
  if (hidden.size(0) > static_cast<int64_t>(segments.size())) {
    at::Tensor last = at::empty({static_cast<int64_t>(segments.size())}, at::kLong);
    int64_t* rows = last.mutable_data_ptr<int64_t>();
    for (const Segment& s : segments) *rows++ = s.row_begin + s.row_count - 1;
    hidden = hidden.index_select(0, last.to(device()));
  }
  return Logits(hidden);
}

at::Tensor LanguageModelImpl::ForwardAllTokens(absl::Span<const LanguageInput> inputs) {
  const c10::InferenceMode inference;
  std::vector<Segment> segments;
  return Logits(Run(inputs, Rows::kAll, segments));
}

at::Tensor LanguageModelImpl::Embed(const at::Tensor& ids) {
  if (packed_ != nullptr) return packed_->Embed(ids);
  return model->embed_tokens->weight.index_select(0, ids);
}

at::Tensor LanguageModelImpl::Run(absl::Span<const LanguageInput> inputs, Rows wanted,
                                  std::vector<Segment>& segments) {
  TORCH_CHECK(rotary_ != nullptr, "language_model: Prepare() was not called");
  DecoderStep step;
  step.segments = PackRows(inputs);
  step.rotary = rotary_.get();
  const at::Tensor ids_and_positions = IdsAndPositions(inputs, step.segments).to(device());
  step.positions = ids_and_positions[1];
  step.LocateRows();
  at::Tensor hidden = Embed(ids_and_positions[0]);  // L_e, [N, D]
  const bool integrate = integration_ != nullptr && AnyMemory(step.segments);
  for (int n = 0; n < config_.num_hidden_layers; ++n) {
    // H(n+1) = L_n(H(n), V_proj + P_proj)
    if (integrate && integration_->HasLayer(n)) {
      hidden = integration_->Apply(n, hidden, step.segments);
    }
    const bool last = n == config_.num_hidden_layers - 1;
    if (packed_ != nullptr && last && wanted == Rows::kLastOfEach) {
      hidden = packed_->ForwardLast(hidden, step);
    } else if (packed_ != nullptr) {
      packed_->Forward(n, hidden, step);
    } else {
      model->layers[n]->Forward(hidden, step);
    }
  }
  for (const Segment& s : step.segments) s.cache->length_ += s.row_count;
  segments = std::move(step.segments);
  return hidden;
}

at::Tensor LanguageModelImpl::Logits(const at::Tensor& hidden) {
  if (packed_ != nullptr) return packed_->Logits(hidden);
  const Projection& head = lm_head.is_empty() ? model->embed_tokens : lm_head;
  return head->forward(model->norm->forward(hidden)).to(at::kFloat);
}

}  // namespace mrmllm
