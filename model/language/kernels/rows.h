// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_ROWS_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_ROWS_H_

#include <cstdint>

namespace mrmllm::kernels {

// Kernels that treat every row of a dense row-major matrix alike, on the threads of ParallelFor.
// Thread-safety: free of state.

// y = x / sqrt(mean(x^2) + epsilon) * weight, per row of `width` (a multiple of 8). y may be x.
void RmsNormRows(int64_t rows, int64_t width, const float* x, const float* weight, float epsilon,
                 float* y);

// y[row, i] = silu(x[row, i]) * x[row, width + i]: x holds gate and up side by side, [rows, 2 *
// width]; width is a multiple of 8.
void SwiGluRows(int64_t rows, int64_t width, const float* x, float* y);

// best[row] = where x[row] is largest, the lowest of equals; width is a multiple of 8.
void ArgMaxRows(int64_t rows, int64_t width, const float* x, int32_t* best);

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_ROWS_H_
