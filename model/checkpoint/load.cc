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

// Whether any of `count` words has all bits of `exponent`, which say infinite or not a number.
// Whole stretches at a time, without a way out in the middle: compilers make vectors of that.
template <typename Word>
bool AnyHasAll(const Word* words, int64_t count, Word exponent) {
  constexpr int64_t kStretch = 4096;
  int64_t i = 0;
  for (; i + kStretch <= count; i += kStretch) {
    Word found = 0;
    for (int64_t j = 0; j < kStretch; ++j) {
      found |= static_cast<Word>((words[i + j] & exponent) == exponent);
    }
    if (found != 0) return true;
  }
  for (; i < count; ++i) {
    if ((words[i] & exponent) == exponent) return true;
  }
  return false;
}

// For a checkpoint of gigabytes a pass over the bits is several times as fast as at::isfinite.
bool IsFinite(const at::Tensor& tensor) {
  const bool dense = tensor.is_cpu() && tensor.is_contiguous();
  const void* data = dense ? tensor.const_data_ptr() : nullptr;
  if (dense && tensor.scalar_type() == at::kFloat) {
    return !AnyHasAll<uint32_t>(static_cast<const uint32_t*>(data), tensor.numel(), 0x7F800000);
  }
  if (dense && tensor.scalar_type() == at::kBFloat16) {
    return !AnyHasAll<uint16_t>(static_cast<const uint16_t*>(data), tensor.numel(), 0x7F80);
  }
  if (dense && tensor.scalar_type() == at::kHalf) {
    return !AnyHasAll<uint16_t>(static_cast<const uint16_t*>(data), tensor.numel(), 0x7C00);
  }
  return tensor.isfinite().all().item<bool>();
}

absl::Status Mismatch(std::string_view kind, const std::vector<std::string>& names) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: ", names.size(), " ", AbslView(kind),
                                                 ", the first: ", names.front()));
}

}  // namespace

absl::Status LoadParameters(torch::nn::Module& module, std::string_view prefix,
                            const TensorMap& tensors, std::optional<at::ScalarType> dtype,
                            at::Device device) {
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
    if (!IsFinite(tensor)) {
      not_finite.push_back(name);
      continue;
    }
    // Replaces the storage instead of copying into it, so that memory never holds the parameters
    // twice.
    parameter.set_requires_grad(false);
    parameter.set_data(tensor.to(device, dtype.value_or(tensor.scalar_type()),
                                 /*non_blocking=*/false, /*copy=*/dtype.has_value()));
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
