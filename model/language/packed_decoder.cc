// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed_decoder.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/language/packed/product.h"

namespace mrmllm {
namespace {

using packed::PackedMatrix;
using packed::WeightSource;

// The parameter's tensor, dense; the module keeps an empty one in its place, so that no weight is
// held twice.
at::Tensor TakeParameter(torch::nn::Module& module, const std::string& name) {
  const torch::NoGradGuard no_grad;
  at::Tensor parameter = module.named_parameters()[name];
  const at::Tensor value = parameter.detach().contiguous();
  parameter.set_data(at::empty({0}));
  return value;
}

// A vector of few bytes, in float32.
at::Tensor TakeVector(torch::nn::Module& module, const std::string& name) {
  // A copy: a view would keep the checkpoint's file mapped.
  return TakeParameter(module, name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

WeightSource Source(const at::Tensor& weight) {
  TORCH_CHECK(weight.is_cpu(), "packed_decoder: packed weights are for CPUs");
  return {weight.const_data_ptr(), weight.scalar_type(), weight.size(0), weight.size(1)};
}

// The weights of projections that read the same input, for one matrix: each wider by the inner
// width of all their adapters, of which it reads its own. `inner`: what makes that width.
std::vector<at::Tensor> Widened(const std::vector<at::Tensor>& weights,
                                const std::vector<LowRankAdapter>& adapters, at::Tensor& inner) {
  std::vector<at::Tensor> a;
  for (const LowRankAdapter& adapter : adapters) a.push_back(adapter.a);
  inner = at::cat(a, 0);  // [ranks, in]
  std::vector<at::Tensor> wide;
  int64_t begin = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const int64_t rank = adapters[i].a.size(0);
    at::Tensor columns = at::zeros({weights[i].size(0), inner.size(0)});
    columns.narrow(1, begin, rank).copy_(adapters[i].b);
    wide.push_back(at::cat({weights[i].to(at::kFloat), columns}, 1));
    begin += rank;
  }
  return wide;
}

PackedMatrix Pack(WeightFormat format, torch::nn::Module& module) {
  const at::Tensor weight = TakeParameter(module, "weight");
  return PackedMatrix::Stack(format, {Source(weight)});
}

// Four bits are too few for the vocabulary: its vectors are not averaged with others.
WeightFormat VocabularyFormat(WeightFormat format) {
  return format == WeightFormat::kInt4 ? WeightFormat::kInt8 : format;
}

}  // namespace

PackedDecoder::PackedDecoder(const LanguageConfig& config, WeightFormat format)
    : config_(config), format_(format), epsilon_(config.rms_norm_eps), encoded_(format) {}

PackedDecoder::Product PackedDecoder::PackProduct(DecoderLayer& layer,
                                                  const std::vector<std::string>& names,
                                                  const LayerAdapters& adapters) const {
  std::vector<at::Tensor> weights;
  std::vector<LowRankAdapter> used;
  for (const std::string& name : names) {
    weights.push_back(TakeParameter(*layer, name + ".weight"));
    if (!adapters.empty()) used.push_back(adapters.at(name));
  }
  Product product;
  if (!used.empty()) {
    at::Tensor inner;
    weights = Widened(weights, used, inner);
    product.inner = PackedMatrix::Stack(VocabularyFormat(format_), {Source(inner)});
  }
  std::vector<WeightSource> sources;
  for (const at::Tensor& weight : weights) sources.push_back(Source(weight));
  const bool swiglu = names.front() == "mlp.gate_proj";
  product.weight = swiglu ? PackedMatrix::Alternate(format_, sources[0], sources[1])
                          : PackedMatrix::Stack(format_, sources);
  return product;
}

void PackedDecoder::AddLayer(DecoderLayer& layer, const LayerAdapters& adapters) {
  Layer packed;
  packed.input_norm = TakeVector(*layer, "input_layernorm.weight");
  packed.post_attention_norm = TakeVector(*layer, "post_attention_layernorm.weight");
  packed.qkv =
      PackProduct(layer, {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}, adapters);
  packed.o = PackProduct(layer, {"self_attn.o_proj"}, adapters);
  packed.gate_up = PackProduct(layer, {"mlp.gate_proj", "mlp.up_proj"}, adapters);
  packed.down = PackProduct(layer, {"mlp.down_proj"}, adapters);
  packed.attention = layer->attention();
  if (config_.attention_bias) {
    std::vector<at::Tensor> biases;
    for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
      biases.push_back(TakeVector(*layer, absl::StrCat("self_attn.", name, ".bias")));
    }
    packed.attention->set_qkv_bias(at::cat(biases));
  }
  layers_.push_back(std::move(packed));
}

void PackedDecoder::SetEmbedding(torch::nn::Module& embedding) {
  embedding_ = Pack(VocabularyFormat(format_), embedding);
}

void PackedDecoder::SetHead(torch::nn::Module& head) {
  head_ = Pack(VocabularyFormat(format_), head);
}

void PackedDecoder::SetNorm(torch::nn::Module& norm) { norm_ = TakeVector(norm, "weight"); }

size_t PackedDecoder::size_bytes() const {
  size_t sum = embedding_.size_bytes() + head_.size_bytes();
  for (const Layer& layer : layers_) {
    for (const Product* product : {&layer.qkv, &layer.o, &layer.gate_up, &layer.down}) {
      sum += product->inner.size_bytes() + product->weight.size_bytes();
    }
  }
  return sum;
}

void PackedDecoder::SetRows(int64_t rows) {
  if (hidden_.defined() && hidden_.size(0) == rows) return;
  const int64_t width = config_.hidden_size;
  const int64_t qkv_width = layers_.front().qkv.weight.rows();
  const int64_t inner_width = config_.intermediate_size;
  const int64_t needed = rows * (width + qkv_width + inner_width);
  if (!storage_.defined() || storage_.numel() < needed) storage_ = at::empty({needed});
  hidden_ = storage_.narrow(0, 0, rows * width).view({rows, width});
  qkv_ = storage_.narrow(0, rows * width, rows * qkv_width).view({rows, qkv_width});
  inner_ =
      storage_.narrow(0, rows * (width + qkv_width), rows * inner_width).view({rows, inner_width});
}

at::Tensor PackedDecoder::Embed(const at::Tensor& ids) {
  const int64_t rows = ids.size(0);
  SetRows(rows);
  const int64_t* id = ids.const_data_ptr<int64_t>();
  float* to = hidden_.mutable_data_ptr<float>();
  for (int64_t row = 0; row < rows; ++row) {
    TORCH_CHECK(id[row] >= 0 && id[row] < config_.vocab_size, "language_model: expected ids below ",
                config_.vocab_size, ", got ", id[row]);
    embedding_.DecodeRow(id[row], to + row * config_.hidden_size);
  }
  return hidden_;
}

void PackedDecoder::Forward(int n, at::Tensor& hidden, const DecoderStep& step) {
  hidden = hidden.contiguous();  // what an integration returns need not be
  const at::Tensor attended = Attend(layers_[n], hidden, step);
  FeedForward(layers_[n], attended, hidden);
}

at::Tensor PackedDecoder::ForwardLast(const at::Tensor& hidden, const DecoderStep& step) {
  const Layer& layer = layers_.back();
  at::Tensor rows = hidden.contiguous();
  at::Tensor attended = Attend(layer, rows, step);
  std::vector<int64_t> last;
  for (const Segment& s : step.segments) last.push_back(s.row_begin + s.row_count - 1);
  if (static_cast<int64_t>(last.size()) < rows.size(0)) {
    const at::Tensor index = at::tensor(last, at::kLong);
    rows = rows.index_select(0, index);
    attended = attended.index_select(0, index);
  }
  FeedForward(layer, attended, rows);
  return rows;
}

void PackedDecoder::Adapt(const Product& product) {
  const int64_t width = product.inner.rows();
  if (width == 0) return;
  const auto size = static_cast<size_t>(encoded_.shape().rows * width);
  if (adapted_.size() < size) adapted_.resize(size);
  packed::Multiply(product.inner, encoded_, adapted_.data());
  encoded_.Extend(adapted_.data());
}

at::Tensor PackedDecoder::Attend(const Layer& layer, const at::Tensor& hidden,
                                 const DecoderStep& step) {
  encoded_.EncodeNormalized({hidden.size(0), config_.hidden_size, layer.qkv.inner.rows()},
                            hidden.const_data_ptr<float>(),
                            layer.input_norm.const_data_ptr<float>(), epsilon_);
  Adapt(layer.qkv);
  packed::Multiply(layer.qkv.weight, encoded_, qkv_.mutable_data_ptr<float>());
  return layer.attention->Attend(qkv_, step);
}

void PackedDecoder::FeedForward(const Layer& layer, const at::Tensor& attended,
                                at::Tensor& hidden) {
  const int64_t rows = hidden.size(0);
  float* h = hidden.mutable_data_ptr<float>();
  encoded_.Encode({rows, attended.size(1), layer.o.inner.rows()}, attended.const_data_ptr<float>());
  Adapt(layer.o);
  packed::MultiplyOnto(layer.o.weight, encoded_, h);

  encoded_.EncodeNormalized({rows, config_.hidden_size, layer.gate_up.inner.rows()}, h,
                            layer.post_attention_norm.const_data_ptr<float>(), epsilon_);
  Adapt(layer.gate_up);
  packed::MultiplySwiGlu(layer.gate_up.weight, encoded_, inner_.mutable_data_ptr<float>());
  encoded_.Encode({rows, config_.intermediate_size, layer.down.inner.rows()},
                  inner_.const_data_ptr<float>());
  Adapt(layer.down);
  packed::MultiplyOnto(layer.down.weight, encoded_, h);
}

at::Tensor PackedDecoder::Logits(const at::Tensor& hidden) {
  const at::Tensor rows = hidden.contiguous();
  at::Tensor logits = at::empty({rows.size(0), config_.vocab_size});
  encoded_.EncodeNormalized({rows.size(0), config_.hidden_size}, rows.const_data_ptr<float>(),
                            norm_.const_data_ptr<float>(), epsilon_);
  packed::Multiply(head_.rows() > 0 ? head_ : embedding_, encoded_,
                   logits.mutable_data_ptr<float>());
  return logits;
}

}  // namespace mrmllm
