// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/cached_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "model/language/kernels/float8.h"

namespace mrmllm::kernels {
namespace {

MRMLLM_INLINE void RotateHead(int64_t half, const float* cosine, const float* sine,
                              const float* from, float* to) {
  for (int64_t d = 0; d < half; d += kLanes) {
    const Float8 c = Load(cosine + d);
    const Float8 s = Load(sine + d);
    const Float8 first = Load(from + d);
    const Float8 second = Load(from + half + d);
    Store(to + d, first * c - second * s);
    Store(to + half + d, second * c + first * s);
  }
}

MRMLLM_CPU_CLONES void RotateAndStoreRow(const AttentionShape& shape, const CacheRow& cache,
                                         const float* cosine, const float* sine, float* qkv) {
  const int64_t dim = shape.head_dim;
  const int64_t half = dim / 2;
  const float* c = cosine + cache.position * half;
  const float* s = sine + cache.position * half;
  for (int64_t head = 0; head < shape.heads; ++head) {
    RotateHead(half, c, s, qkv + head * dim, qkv + head * dim);
  }
  const float* key = qkv + shape.heads * dim;
  const float* value = key + shape.kv_heads * dim;
  for (int64_t head = 0; head < shape.kv_heads; ++head) {
    const int64_t at = head * cache.head_stride + cache.position * dim;
    RotateHead(half, c, s, key + head * dim, cache.key + at);
    std::memcpy(cache.value + at, value + head * dim, dim * sizeof(float));
  }
}

// Scores of one query against `count` keys; returns the largest.
MRMLLM_INLINE float Scores(int64_t dim, int64_t count, const float* query, const float* keys,
                           float scale, float* scores) {
  float largest = -INFINITY;
  for (int64_t t = 0; t < count; ++t) {
    Float8 sum[2] = {};
    for (int64_t d = 0; d < dim; d += 2 * kLanes) {
      sum[0] += Load(query + d) * Load(keys + t * dim + d);
      sum[1] += Load(query + d + kLanes) * Load(keys + t * dim + d + kLanes);
    }
    scores[t] = Sum(sum[0] + sum[1]) * scale;
    largest = std::max(largest, scores[t]);
  }
  return largest;
}

// scores := e^(score - largest), zero in the padding up to a whole vector; returns their sum.
MRMLLM_INLINE float Exponentials(int64_t count, float largest, float* scores) {
  const int64_t padded = (count + kLanes - 1) / kLanes * kLanes;
  std::fill(scores + count, scores + padded, largest - 200.0f);
  Float8 sum = {};
  for (int64_t t = 0; t < padded; t += kLanes) {
    Store(scores + t, Exp(Load(scores + t) - Broadcast(largest)));
  }
  std::fill(scores + count, scores + padded, 0.0f);
  for (int64_t t = 0; t < padded; t += kLanes) sum += Load(scores + t);
  return Sum(sum);
}

MRMLLM_CPU_CLONES void AttendHead(int64_t dim, int64_t count, const float* query, const float* keys,
                                  const float* values, float* scores, float* out) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
  const float largest = Scores(dim, count, query, keys, scale, scores);
  const float norm = 1.0f / Exponentials(count, largest, scores);
  for (int64_t d = 0; d < dim; d += 2 * kLanes) {
    Float8 sum[2] = {};
    for (int64_t t = 0; t < count; ++t) {
      const Float8 weight = Broadcast(scores[t]);
      sum[0] += weight * Load(values + t * dim + d);
      sum[1] += weight * Load(values + t * dim + d + kLanes);
    }
    Store(out + d, sum[0] * norm);
    Store(out + d + kLanes, sum[1] * norm);
  }
}

}  // namespace

void RotateAndStore(const AttentionShape& shape, int64_t rows, const CacheRow* cache,
                    const float* cosine, const float* sine, float* qkv) {
  constexpr int64_t kRowsPerTask = 8;
  at::parallel_for(0, rows, kRowsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      RotateAndStoreRow(shape, cache[row], cosine, sine, qkv + row * shape.qkv_width());
    }
  });
}

void AttendToCache(const AttentionShape& shape, int64_t rows, const CacheRow* cache,
                   const float* qkv, float* out) {
  const int64_t dim = shape.head_dim;
  at::parallel_for(0, rows * shape.heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scores;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task / shape.heads;
      const int64_t head = task % shape.heads;
      const CacheRow& where = cache[row];
      const int64_t kv = head / (shape.heads / shape.kv_heads) * where.head_stride;
      scores.resize(std::max<size_t>(scores.size(), where.position + 1 + kLanes));
      AttendHead(dim, where.position + 1, qkv + row * shape.qkv_width() + head * dim,
                 where.key + kv, where.value + kv, scores.data(), out + task * dim);
    }
  });
}

}  // namespace mrmllm::kernels
