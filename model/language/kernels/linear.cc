// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/linear.h"

#include <algorithm>

#include "model/language/kernels/float8.h"
#include "model/language/kernels/parallel_for.h"

namespace mrmllm::kernels {
namespace {

// kOut weight rows against kRows rows of x: each loaded vector serves kOut or kRows products.
template <int kRows, int kOut>
MRMLLM_INLINE void Tile(const LinearShape& shape, const float* x, const float* weight,
                        bool accumulate, float* y) {
  Float8 sum[kRows][kOut] = {};
  for (int64_t i = 0; i < shape.in; i += kLanes) {
    Float8 w[kOut];
    for (int o = 0; o < kOut; ++o) w[o] = Load(weight + o * shape.in + i);
    for (int r = 0; r < kRows; ++r) {
      const Float8 value = Load(x + r * shape.in + i);
      for (int o = 0; o < kOut; ++o) sum[r][o] += value * w[o];
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int o = 0; o < kOut; ++o) {
      float& target = y[r * shape.out + o];
      target = accumulate ? target + Sum(sum[r][o]) : Sum(sum[r][o]);
    }
  }
}

template <int kOut>
MRMLLM_INLINE void AllRows(const LinearShape& shape, const float* x, const float* weight,
                           bool accumulate, float* y) {
  int64_t row = 0;
  for (; row + 4 <= shape.rows; row += 4) {
    Tile<4, kOut>(shape, x + row * shape.in, weight, accumulate, y + row * shape.out);
  }
  for (; row < shape.rows; ++row) {
    Tile<1, kOut>(shape, x + row * shape.in, weight, accumulate, y + row * shape.out);
  }
}

MRMLLM_CPU_CLONES void Outputs(const LinearShape& shape, const float* x, const float* weight,
                               bool accumulate, float* y, int64_t begin, int64_t end) {
  int64_t o = begin;
  if (shape.rows == 1) {
    for (; o + 4 <= end; o += 4) {
      Tile<1, 4>(shape, x, weight + o * shape.in, accumulate, y + o);
    }
  }
  for (; o + 2 <= end; o += 2) AllRows<2>(shape, x, weight + o * shape.in, accumulate, y + o);
  for (; o < end; ++o) AllRows<1>(shape, x, weight + o * shape.in, accumulate, y + o);
}

}  // namespace

void FewRowsLinear(const LinearShape& shape, const float* x, const float* weight, bool accumulate,
                   float* y) {
  constexpr int64_t kProductsPerTask = 1 << 15;
  const int64_t grain =
      std::max<int64_t>(4, kProductsPerTask / std::max<int64_t>(1, shape.rows * shape.in));
  ParallelFor(0, shape.out, grain, [&](int64_t begin, int64_t end) {
    Outputs(shape, x, weight, accumulate, y, begin, end);
  });
}

}  // namespace mrmllm::kernels
