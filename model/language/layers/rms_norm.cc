// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/rms_norm.h"

#include "model/language/kernels/lanes.h"
#include "model/language/kernels/rows.h"
#include "model/language/layers/projection.h"

namespace mrmllm {

RmsNormImpl::RmsNormImpl(int64_t width, double epsilon)
    : weight(RegisterUninitialized(*this, "weight", {width})), epsilon_(epsilon) {}

at::Tensor RmsNormImpl::forward(const at::Tensor& x) const {
  const int64_t width = weight.size(0);
  TORCH_CHECK(x.size(-1) == width, "rms_norm: expected width ", width, ", got ", x.size(-1));
  if (UsesCpuKernels(x) && UsesCpuKernels(weight) && width % kernels::kLanes == 0) {
    at::Tensor y = at::empty(x.sizes(), x.options());
    kernels::RmsNormRows(x.numel() / width, width, x.const_data_ptr<float>(),
                         weight.const_data_ptr<float>(), static_cast<float>(epsilon_),
                         y.mutable_data_ptr<float>());
    return y;
  }
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + epsilon_);
  return (wide * scale).to(x.scalar_type()) * weight;
}

}  // namespace mrmllm
