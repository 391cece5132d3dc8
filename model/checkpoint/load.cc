// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/load.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

std::string Shape(at::IntArrayRef sizes) {
  return absl::StrCat("[", absl::StrJoin(sizes, ", "), "]");
}

absl::Status Mismatch(std::string_view kind, const std::vector<std::string>& names) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: ", names.size(), " ", AbslView(kind),
                                                 ", the first: ", names.front()));
}

}  // namespace

absl::Status LoadParameters(torch::nn::Module& module, std::string_view prefix,
                            const TensorMap& tensors, at::ScalarType dtype, at::Device device) {
  torch::NoGradGuard no_grad;
  std::vector<std::string> missing;
  std::vector<std::string> mis_shaped;
  std::vector<std::string> not_finite;
  std::set<std::string> expected;
  for (auto& item : module.named_parameters()) {
    const std::string name = absl::StrCat(AbslView(prefix), ".", item.key());
    expected.insert(name);
    auto it = tensors.find(name);
    if (it == tensors.end()) {
      missing.push_back(name);
      continue;
    }
    at::Tensor& parameter = item.value();
    const at::Tensor& tensor = it->second;
    if (parameter.sizes() != tensor.sizes()) {
      mis_shaped.push_back(absl::StrCat("'", name, "': expected ", Shape(parameter.sizes()),
                                        ", got ", Shape(tensor.sizes())));
      continue;
    }
    if (!tensor.isfinite().all().item<bool>()) {
      not_finite.push_back(name);
      continue;
    }
    // Replaces the storage instead of copying into it, so that memory never holds the parameters
    // twice.
    parameter.set_requires_grad(false);
    parameter.set_data(tensor.to(device, dtype, /*non_blocking=*/false, /*copy=*/true));
  }
  std::vector<std::string> unexpected;
  const std::string under = absl::StrCat(AbslView(prefix), ".");
  for (const auto& [name, tensor] : tensors) {
    if (absl::StartsWith(name, under) && !expected.contains(name)) unexpected.push_back(name);
  }
  if (!missing.empty()) return Mismatch("missing tensors", missing);
  if (!unexpected.empty()) return Mismatch("unexpected tensors", unexpected);
  if (!mis_shaped.empty()) return Mismatch("mis-shaped tensors", mis_shaped);
  if (!not_finite.empty()) return Mismatch("tensors with values that are not finite", not_finite);
  return absl::OkStatus();
}

absl::Status CheckNoStrayTensors(const TensorMap& tensors,
                                 std::initializer_list<std::string_view> prefixes) {
  std::vector<std::string> stray;
  for (const auto& [name, tensor] : tensors) {
    bool known = false;
    for (std::string_view prefix : prefixes)
      known |= absl::StartsWith(name, absl::StrCat(AbslView(prefix), "."));
    if (!known) stray.push_back(name);
  }
  return stray.empty() ? absl::OkStatus() : Mismatch("unexpected tensors", stray);
}

}  // namespace mrmllm
