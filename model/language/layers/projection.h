// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_PROJECTION_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_PROJECTION_H_

#include <torch/torch.h>

namespace mrmllm {

// x [N, in] times weight [out, in] transposed -> [N, out]. A few rows of float32 on a CPU take our
// own kernel, everything else libtorch's.
at::Tensor Project(const at::Tensor& x, const at::Tensor& weight);

// residual [N, out] += Project(x, weight), in place.
void ProjectOnto(at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight);

// True where our own kernels serve `x`: float32, dense, on a CPU, not switched off, and nobody asks
// for its gradient, which they do not have.
bool UsesCpuKernels(const at::Tensor& x);

// While alive, our own kernels are off and every layer takes libtorch's path. For tests, one at a
// time.
class ScopedPlainOperators {
 public:
  ScopedPlainOperators();
  ~ScopedPlainOperators();
  ScopedPlainOperators(const ScopedPlainOperators&) = delete;
  ScopedPlainOperators& operator=(const ScopedPlainOperators&) = delete;
};

// A linear layer whose parameters are left uninitialised: they are loaded.
class ProjectionImpl : public torch::nn::Module {
 public:
  ProjectionImpl(int64_t in, int64_t out, bool has_bias = false);
  at::Tensor forward(const at::Tensor& x) const;  // [N, in] -> [N, out]

  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], or undefined
};
TORCH_MODULE(Projection);

// Registers an uninitialised parameter: values come from a checkpoint.
at::Tensor RegisterUninitialized(torch::nn::Module& module, const char* name,
                                 at::IntArrayRef shape);

// Copies parameters of equal width, or vectors, one below the other into one dense tensor and makes
// each a view of its part, so that one product serves all and no byte is held twice. Returns it.
at::Tensor FuseRows(at::ArrayRef<at::Tensor> parameters);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_PROJECTION_H_
