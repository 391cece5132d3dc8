// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/rows.h"

#include <algorithm>
#include <cmath>

#include "model/language/kernels/float8.h"
#include "model/language/kernels/parallel_for.h"

namespace mrmllm::kernels {
namespace {

// Fewer elements than this are done before a second thread has woken up.
constexpr int64_t kElementsPerTask = 4096;

int64_t RowsPerTask(int64_t width) { return std::max<int64_t>(1, kElementsPerTask / width); }

MRMLLM_CPU_CLONES void RmsNormRange(int64_t width, const float* x, const float* weight,
                                    float epsilon, float* y, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* from = x + row * width;
    float* to = y + row * width;
    Float8 sum[2] = {};
    for (int64_t i = 0; i < width; i += kLanes) {
      const Float8 value = Load(from + i);
      sum[(i / kLanes) % 2] += value * value;
    }
    const float mean = (Sum(sum[0]) + Sum(sum[1])) / static_cast<float>(width);
    const Float8 scale = Broadcast(1.0f / std::sqrt(mean + epsilon));
    for (int64_t i = 0; i < width; i += kLanes) {
      Store(to + i, Load(from + i) * scale * Load(weight + i));
    }
  }
}

MRMLLM_CPU_CLONES void SwiGluRange(int64_t width, const float* x, float* y, int64_t begin,
                                   int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* gate = x + row * 2 * width;
    const float* up = gate + width;
    float* to = y + row * width;
    for (int64_t i = 0; i < width; i += kLanes) {
      const Float8 g = Load(gate + i);
      Store(to + i, g / (1.0f + Exp(-g)) * Load(up + i));
    }
  }
}

MRMLLM_CPU_CLONES int32_t ArgMax(int64_t width, const float* x) {
  Float8 largest = Load(x);
  for (int64_t i = kLanes; i < width; i += kLanes) {
    const Float8 value = Load(x + i);
    largest = value > largest ? value : largest;
  }
  float most = largest[0];
  for (int lane = 1; lane < kLanes; ++lane) most = std::max(most, largest[lane]);
  // A second pass is cheaper than a first one that carries places along.
  const float* found = std::find(x, x + width, most);
  return found < x + width ? static_cast<int32_t>(found - x) : 0;
}

}  // namespace

void RmsNormRows(int64_t rows, int64_t width, const float* x, const float* weight, float epsilon,
                 float* y) {
  ParallelFor(0, rows, RowsPerTask(width), [&](int64_t begin, int64_t end) {
    RmsNormRange(width, x, weight, epsilon, y, begin, end);
  });
}

void SwiGluRows(int64_t rows, int64_t width, const float* x, float* y) {
  ParallelFor(0, rows, RowsPerTask(width),
              [&](int64_t begin, int64_t end) { SwiGluRange(width, x, y, begin, end); });
}

void ArgMaxRows(int64_t rows, int64_t width, const float* x, int32_t* best) {
  ParallelFor(0, rows, RowsPerTask(width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) best[row] = ArgMax(width, x + row * width);
  });
}

}  // namespace mrmllm::kernels
