// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/projection.h"

#include <atomic>

#include "model/language/kernels/lanes.h"
#include "model/language/kernels/linear.h"

namespace mrmllm {
namespace {

std::atomic<int> plain_scopes{0};

bool TakesKernel(const at::Tensor& x, const at::Tensor& weight) {
  return x.dim() == 2 && x.size(0) <= kernels::kFewRows && UsesCpuKernels(x) &&
         x.size(1) % kernels::kLanes == 0 && weight.is_contiguous() &&
         weight.scalar_type() == at::kFloat;
}

void RunKernel(const at::Tensor& x, const at::Tensor& weight, bool accumulate, at::Tensor& y) {
  TORCH_CHECK(x.size(1) == weight.size(1), "projection: expected ", weight.size(1),
              " input columns, got ", x.size(1));
  kernels::FewRowsLinear({x.size(0), x.size(1), weight.size(0)}, x.const_data_ptr<float>(),
                         weight.const_data_ptr<float>(), accumulate, y.mutable_data_ptr<float>());
}

}  // namespace

at::Tensor Project(const at::Tensor& x, const at::Tensor& weight) {
  if (!TakesKernel(x, weight)) return at::linear(x, weight);
  at::Tensor y = at::empty({x.size(0), weight.size(0)}, x.options());
  RunKernel(x, weight, /*accumulate=*/false, y);
  return y;
}

void ProjectOnto(at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight) {
  if (TakesKernel(x, weight) && UsesCpuKernels(residual)) {
    RunKernel(x, weight, /*accumulate=*/true, residual);
  } else {
    residual.add_(at::linear(x, weight));
  }
}

bool UsesCpuKernels(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.is_contiguous() &&
         plain_scopes.load(std::memory_order_relaxed) == 0 &&
         !(x.requires_grad() && at::GradMode::is_enabled());
}

ScopedPlainOperators::ScopedPlainOperators() { ++plain_scopes; }
ScopedPlainOperators::~ScopedPlainOperators() { --plain_scopes; }

at::Tensor RegisterUninitialized(torch::nn::Module& module, const char* name,
                                 at::IntArrayRef shape) {
  return module.register_parameter(name, at::empty(shape), /*requires_grad=*/false);
}

ProjectionImpl::ProjectionImpl(int64_t in, int64_t out, bool has_bias)
    : weight(RegisterUninitialized(*this, "weight", {out, in})) {
  if (has_bias) bias = RegisterUninitialized(*this, "bias", {out});
}

at::Tensor ProjectionImpl::forward(const at::Tensor& x) const {
  const at::Tensor y = Project(x, weight);
  return bias.defined() ? y + bias : y;
}

at::Tensor FuseRows(at::ArrayRef<at::Tensor> parameters) {
  const at::Tensor fused = at::cat(parameters, 0);
  int64_t begin = 0;
  for (const at::Tensor& parameter : parameters) {
    parameter.set_data(fused.narrow(0, begin, parameter.size(0)));
    begin += parameter.size(0);
  }
  return fused;
}

}  // namespace mrmllm
