// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_LINEAR_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_LINEAR_H_

#include <cstdint>

namespace mrmllm::kernels {

// Up to this many rows FewRowsLinear reads each weight once and is bound by memory; beyond it a
// blocked matrix product is faster.
inline constexpr int64_t kFewRows = 16;

struct LinearShape {
  int64_t rows = 0;  // of x, 1 to kFewRows
  int64_t in = 0;    // a multiple of 8
  int64_t out = 0;
};

// y[row, o] = sum over i of x[row, i] * weight[o, i], added to y where `accumulate`. All row-major
// and dense; y must not overlap x. Runs on the threads of ParallelFor. Thread-safety: free of
// state.
void FewRowsLinear(const LinearShape& shape, const float* x, const float* weight, bool accumulate,
                   float* y);

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_LINEAR_H_
