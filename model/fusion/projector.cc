// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/projector.h"

namespace mrmllm {

AffineImpl::AffineImpl(int64_t in, int64_t out)
    : weight(RegisterUninitialized(*this, "weight", {out, in})),
      bias(RegisterUninitialized(*this, "bias", {out})) {}

at::Tensor AffineImpl::forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }

ProjectorImpl::ProjectorImpl(int64_t width, int64_t language_width) {
  norm = register_module("norm", RmsNorm(width, kFusionNormEpsilon));
  up_proj = register_module("up_proj", Projection(width, language_width));
  down_proj = register_module("down_proj", Projection(language_width, language_width));
}

at::Tensor ProjectorImpl::forward(const at::Tensor& x) const {
  return down_proj->forward(at::silu(up_proj->forward(norm->forward(x))));
}

}  // namespace mrmllm
