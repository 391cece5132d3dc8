// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/conv_norm.h"

#include <ATen/ATen.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

struct Folded {
  at::Tensor weight;
  at::Tensor bias;
};

// Takes the tensor out of `tensors`, in float32.
absl::StatusOr<at::Tensor> Take(const std::string& name, at::IntArrayRef shape,
                                TensorMap& tensors) {
  const auto it = tensors.find(name);
  if (it == tensors.end()) {
    return absl::InvalidArgumentError(absl::StrCat("checkpoint: missing tensor '", name, "'"));
  }
  const at::Tensor tensor = it->second;
  if (tensor.sizes() != shape) {
    return absl::InvalidArgumentError(absl::StrCat(
        "checkpoint: mis-shaped tensor '", name, "': expected [", absl::StrJoin(shape, ", "),
        "], got [", absl::StrJoin(tensor.sizes(), ", "), "]"));
  }
  tensors.erase(it);
  return tensor.to(at::kFloat);
}

absl::StatusOr<Folded> FoldBranch(const std::string& layer, const ConvNormNames& names, double eps,
                                  at::IntArrayRef shape, TensorMap& tensors) {
  const std::string norm = absl::StrCat(layer, ".", names.norm);
  const int64_t out = shape[0];
  ASSIGN_OR_RETURN(const at::Tensor weight,
                   Take(absl::StrCat(layer, ".", names.convolution, ".weight"), shape, tensors));
  ASSIGN_OR_RETURN(const at::Tensor gain, Take(norm + ".weight", {out}, tensors));
  ASSIGN_OR_RETURN(const at::Tensor bias, Take(norm + ".bias", {out}, tensors));
  ASSIGN_OR_RETURN(const at::Tensor mean, Take(norm + ".running_mean", {out}, tensors));
  ASSIGN_OR_RETURN(const at::Tensor variance, Take(norm + ".running_var", {out}, tensors));
  const at::Tensor scale = gain / (variance + eps).sqrt();
  return Folded{weight * scale.view({-1, 1, 1, 1}), bias - mean * scale};
}

absl::StatusOr<Folded> FoldLayer(const ConvNormImpl& layer, const std::string& name,
                                 TensorMap& tensors) {
  const at::Tensor weight = layer.named_parameters(/*recurse=*/false)["weight"];
  Folded sum{at::zeros(weight.sizes()), at::zeros({weight.size(0)})};
  for (const ConvNormNames& branch : layer.branches()) {
    // A branch after the first sees the pixel itself alone: the middle of the kernel.
    const bool first = &branch == &layer.branches().front();
    const int64_t kernel = first ? weight.size(2) : 1;
    const int64_t margin = (weight.size(2) - kernel) / 2;
    ASSIGN_OR_RETURN(const Folded folded,
                     FoldBranch(name, branch, layer.eps(),
                                {weight.size(0), weight.size(1), kernel, kernel}, tensors));
    sum.weight.narrow(2, margin, kernel).narrow(3, margin, kernel) += folded.weight;
    sum.bias += folded.bias;
  }
  return sum;
}

}  // namespace

absl::Status FoldBatchNorms(const torch::nn::Module& module, std::string_view prefix,
                            TensorMap& tensors) {
  torch::NoGradGuard no_grad;
  for (const auto& item : module.named_modules()) {
    const auto* layer = item.value()->as<ConvNormImpl>();
    if (layer == nullptr) continue;
    const std::string name = absl::StrCat(AbslView(prefix), ".", item.key());
    ASSIGN_OR_RETURN(Folded folded, FoldLayer(*layer, name, tensors));
    tensors[name + ".weight"] = std::move(folded.weight);
    tensors[name + ".bias"] = std::move(folded.bias);
  }
  return absl::OkStatus();
}

}  // namespace mrmllm
