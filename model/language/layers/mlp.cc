// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/mlp.h"

#include "model/language/kernels/lanes.h"
#include "model/language/kernels/rows.h"

namespace mrmllm {

MlpImpl::MlpImpl(int64_t width, int64_t intermediate) {
  gate_proj = register_module("gate_proj", Projection(width, intermediate));
  up_proj = register_module("up_proj", Projection(width, intermediate));
  down_proj = register_module("down_proj", Projection(intermediate, width));
}

void MlpImpl::Prepare() { gate_up_weight_ = FuseRows({gate_proj->weight, up_proj->weight}); }

void MlpImpl::ForwardOnto(at::Tensor& residual, const at::Tensor& x) const {
  const at::Tensor gate_up = Project(x, gate_up_weight_);  // [N, 2 * intermediate]
  const int64_t width = gate_up.size(1) / 2;
  at::Tensor inner;  // [N, intermediate]
  if (UsesCpuKernels(gate_up) && width % kernels::kLanes == 0) {
    inner = at::empty({gate_up.size(0), width}, gate_up.options());
    kernels::SwiGluRows(gate_up.size(0), width, gate_up.const_data_ptr<float>(),
                        inner.mutable_data_ptr<float>());
  } else {
    inner = at::silu(gate_up.narrow(1, 0, width)) * gate_up.narrow(1, width, width);
  }
  ProjectOnto(residual, inner, down_proj->weight);
}

}  // namespace mrmllm
