// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/adapters.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

absl::Status CheckTensor(const TensorMap& adapters, const std::string& name,
                         const std::vector<int64_t>& shape) {
  const auto it = adapters.find(name);
  if (it == adapters.end()) {
    return absl::InvalidArgumentError(absl::StrCat("adapters: missing tensor: ", name));
  }
  if (it->second.sizes() != at::IntArrayRef(shape)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "adapters: mis-shaped tensor: '", name, "': expected [", absl::StrJoin(shape, ", "),
        "], got [", absl::StrJoin(it->second.sizes(), ", "), "]"));
  }
  if (!it->second.isfinite().all().item<bool>()) {
    return absl::InvalidArgumentError(
        absl::StrCat("adapters: tensor with values that are not finite: ", name));
  }
  return absl::OkStatus();
}

}  // namespace

std::string AdaptedProjection::name_in_layer() const {
  const size_t last = name.rfind('.');
  return name.substr(name.rfind('.', last - 1) + 1);
}

std::vector<AdaptedProjection> AdaptedProjections(const LanguageConfig& config) {
  const int64_t width = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const int64_t q_width = int64_t{config.num_attention_heads} * config.head_dim;
  const int64_t kv_width = int64_t{config.num_key_value_heads} * config.head_dim;
  std::vector<AdaptedProjection> result;
  for (int n = 0; n < config.num_hidden_layers; ++n) {
    const std::string layer = absl::StrCat("language_model.model.layers.", n, ".");
    result.push_back({layer + "self_attn.q_proj", width, q_width});
    result.push_back({layer + "self_attn.k_proj", width, kv_width});
    result.push_back({layer + "self_attn.v_proj", width, kv_width});
    result.push_back({layer + "self_attn.o_proj", q_width, width});
    result.push_back({layer + "mlp.gate_proj", width, inner});
    result.push_back({layer + "mlp.up_proj", width, inner});
    result.push_back({layer + "mlp.down_proj", inner, width});
  }
  return result;
}

absl::Status CheckAdapters(const TensorMap& adapters, const AdapterConfig& config,
                           const LanguageConfig& language) {
  const std::vector<AdaptedProjection> projections = AdaptedProjections(language);
  std::set<std::string> expected;
  for (const AdaptedProjection& projection : projections) {
    RETURN_IF_ERROR(CheckTensor(adapters, projection.a_name(), {config.rank, projection.in}));
    RETURN_IF_ERROR(CheckTensor(adapters, projection.b_name(), {projection.out, config.rank}));
    expected.insert({projection.a_name(), projection.b_name()});
  }
  for (const auto& [name, tensor] : adapters) {
    if (!expected.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat("adapters: unexpected tensor: ", name));
    }
  }
  return absl::OkStatus();
}

void MergeAdapters(const TensorMap& adapters, const AdapterConfig& config,
                   const LanguageConfig& language, TensorMap& tensors) {
  const double scale = config.alpha / config.rank;
  for (const AdaptedProjection& projection : AdaptedProjections(language)) {
    const auto weight = tensors.find(projection.weight_name());
    if (weight == tensors.end() || weight->second.dim() != 2 ||
        weight->second.size(0) != projection.out || weight->second.size(1) != projection.in) {
      continue;
    }
    const at::Tensor a = adapters.at(projection.a_name()).to(at::kFloat);
    const at::Tensor b = adapters.at(projection.b_name()).to(at::kFloat);
    weight->second = at::addmm(weight->second.to(at::kFloat), b, a, /*beta=*/1, /*alpha=*/scale);
  }
}

}  // namespace mrmllm
