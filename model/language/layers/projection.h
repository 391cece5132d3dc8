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

// A linear layer without bias whose weight [out, in] is left uninitialised: it is loaded.
class ProjectionImpl : public torch::nn::Module {
 public:
  ProjectionImpl(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x) const { return Project(x, weight); }

  at::Tensor weight;
};
TORCH_MODULE(Projection);

// Registers an uninitialised parameter: values come from a checkpoint.
at::Tensor RegisterUninitialized(torch::nn::Module& module, const char* name,
                                 at::IntArrayRef shape);

// Copies parameters of equal width one below the other into one dense matrix and makes each a view
// of its part, so that one product serves all and no byte is held twice. Returns the matrix.
at::Tensor FuseRows(at::ArrayRef<at::Tensor> parameters);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_PROJECTION_H_
