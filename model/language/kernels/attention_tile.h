// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_ATTENTION_TILE_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_ATTENTION_TILE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/language/kernels/cached_attention.h"
#include "model/language/kernels/wide_float.h"

namespace mrmllm::kernels {

// Queries that read the same keys and values are taken this many at a time, so that a loaded vector
// serves all of them while their sums stay in registers.
inline constexpr int64_t kTileQueries = 12;

// Consecutive rows of one sequence, for the query heads of one key-value head. Queries are counted
// by row, then by head.
template <typename Element>
struct AttentionTile {
  const Element* keys = nullptr;  // of this layer and head, block 0
  const Element* values = nullptr;
  const int32_t* blocks = nullptr;
  int64_t block_elements = 0;
  int64_t dim = 0;
  int64_t group = 0;     // query heads
  int64_t position = 0;  // of the first row
  int64_t queries = 0;   // rows * group
  const float* q = nullptr;
  int64_t q_stride = 0;  // from row to row
  float* out = nullptr;
  int64_t out_stride = 0;

  int64_t position_of(int64_t query) const { return position + query / group; }
  int64_t q_at(int64_t query) const { return query / group * q_stride + query % group * dim; }
  int64_t out_at(int64_t query) const { return query / group * out_stride + query % group * dim; }
};

// Floats of scratch memory that one tile needs when its last row stands at `position`.
inline int64_t TileScratch(int64_t dim, int64_t position) {
  return kTileQueries * (dim + (position / kBlockTokens + 1) * kBlockTokens);
}

// scores [kBlocks, kQueries, kBlockTokens] of queries [dim, kQueries] against kBlocks blocks from
// number `block` of the sequence on. A group of several blocks comes from a sequence that reads its
// past once, from memory: then the next group's keys and this one's values are asked for early.
template <typename V, int kQueries, int kBlocks, typename Element>
MRMLLM_INLINE void ScoreBlocks(const AttentionTile<Element>& tile, int64_t block, int64_t blocks,
                               const float* queries, float* scores) {
  const Element* keys[kBlocks];
  const Element* next_keys[kBlocks];
  const Element* values[kBlocks];
  for (int b = 0; b < kBlocks; ++b) {
    const int64_t here = tile.blocks[block + b] * tile.block_elements;
    keys[b] = tile.keys + here;
    values[b] = tile.values + here;
    const int64_t next = std::min(block + kBlocks + b, blocks - 1);
    next_keys[b] = tile.keys + tile.blocks[next] * tile.block_elements;
  }
  for (int64_t t = 0; t < kBlockTokens; t += kWidth<V>) {
    V sum[kBlocks][kQueries] = {};
    for (int64_t d = 0; d < tile.dim; ++d) {
      for (int b = 0; b < kBlocks; ++b) {
        if (kBlocks > 1 && t == 0) {
          __builtin_prefetch(next_keys[b] + d * kBlockTokens);
          __builtin_prefetch(values[b] + d * kBlockTokens);
        }
        const V key = LoadWide<V>(keys[b] + d * kBlockTokens + t);
        for (int i = 0; i < kQueries; ++i) sum[b][i] += key * queries[d * kQueries + i];
      }
    }
    for (int b = 0; b < kBlocks; ++b) {
      for (int i = 0; i < kQueries; ++i) {
        StoreWide(scores + (b * kQueries + i) * kBlockTokens + t, sum[b][i]);
      }
    }
  }
}

// One query's scores, one row of kBlockTokens every `stride` floats: e^(score - largest) of the
// first `count`, then zeros. Returns one over their sum.
template <typename V>
MRMLLM_INLINE float Softmax(int64_t blocks, int64_t count, int64_t stride, float* scores) {
  for (int64_t b = count / kBlockTokens; b < blocks; ++b) {
    const int64_t valid = std::max<int64_t>(0, count - b * kBlockTokens);
    std::fill(scores + b * stride + valid, scores + b * stride + kBlockTokens, -INFINITY);
  }
  V largest = LoadWide<V>(scores);
  for (int64_t b = 0; b < blocks; ++b) {
    for (int64_t t = 0; t < kBlockTokens; t += kWidth<V>) {
      const V score = LoadWide<V>(scores + b * stride + t);
      largest = score > largest ? score : largest;
    }
  }
  const float bound = LargestOf(largest);
  V sum = {};
  for (int64_t b = 0; b < blocks; ++b) {
    for (int64_t t = 0; t < kBlockTokens; t += kWidth<V>) {
      const V weight = ExpOrZero<V>(LoadWide<V>(scores + b * stride + t) - bound);
      StoreWide(scores + b * stride + t, weight);
      sum += weight;
    }
  }
  return 1.0f / SumOf(sum);
}

// out[i][d .. d + kVectors vectors] = norm[i] * sum over t < count of scores[i][t] * values[t].
template <typename V, int kQueries, int kVectors, typename Element>
MRMLLM_INLINE void MixValues(const AttentionTile<Element>& tile, int64_t first, int64_t count,
                             int64_t d, const float* scores, const float* norm) {
  V sum[kQueries][kVectors] = {};
  for (int64_t begin = 0; begin < count; begin += kBlockTokens) {
    const Element* values =
        tile.values + tile.blocks[begin / kBlockTokens] * tile.block_elements + d;
    const float* weights = scores + begin * kQueries;
    const int64_t tokens = std::min(kBlockTokens, count - begin);
    for (int64_t t = 0; t < tokens; ++t) {
      V value[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        value[v] = LoadWide<V>(values + t * tile.dim + v * kWidth<V>);
      }
      for (int i = 0; i < kQueries; ++i) {
        const float weight = weights[i * kBlockTokens + t];
        for (int v = 0; v < kVectors; ++v) sum[i][v] += value[v] * weight;
      }
    }
  }
  for (int i = 0; i < kQueries; ++i) {
    float* out = tile.out + tile.out_at(first + i) + d;
    for (int v = 0; v < kVectors; ++v) StoreWide<V>(out + v * kWidth<V>, sum[i][v] * norm[i]);
  }
}

// Queries first to first + kQueries - 1 of the tile. Whatever kQueries is, each query goes through
// the same operations in the same order.
template <typename V, int kQueries, typename Element>
MRMLLM_INLINE void AttendQueries(const AttentionTile<Element>& tile, int64_t first,
                                 float* scratch) {
  constexpr int kBlocks = kQueries == kTileQueries ? 1 : 4;
  constexpr int kVectors = kQueries == kTileQueries ? 1 : kQueries == 4 ? 2 : 4;
  float* queries = scratch;
  float* scores = scratch + kQueries * tile.dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(tile.dim));
  for (int i = 0; i < kQueries; ++i) {
    const float* q = tile.q + tile.q_at(first + i);
    for (int64_t d = 0; d < tile.dim; ++d) queries[d * kQueries + i] = q[d] * scale;
  }
  const int64_t count = tile.position_of(first + kQueries - 1) + 1;
  const int64_t blocks = (count + kBlockTokens - 1) / kBlockTokens;
  constexpr int64_t kStride = kQueries * kBlockTokens;
  int64_t b = 0;
  for (; b + kBlocks <= blocks; b += kBlocks) {
    ScoreBlocks<V, kQueries, kBlocks>(tile, b, blocks, queries, scores + b * kStride);
  }
  for (; b < blocks; ++b) {
    ScoreBlocks<V, kQueries, 1>(tile, b, blocks, queries, scores + b * kStride);
  }
  float norm[kQueries];
  for (int i = 0; i < kQueries; ++i) {
    norm[i] =
        Softmax<V>(blocks, tile.position_of(first + i) + 1, kStride, scores + i * kBlockTokens);
  }
  int64_t d = 0;
  for (; d + kVectors * kWidth<V> <= tile.dim; d += kVectors * kWidth<V>) {
    MixValues<V, kQueries, kVectors>(tile, first, count, d, scores, norm);
  }
  for (; d < tile.dim; d += kWidth<V>) {
    MixValues<V, kQueries, 1>(tile, first, count, d, scores, norm);
  }
}

template <typename V, typename Element>
MRMLLM_INLINE void AttendTile(const AttentionTile<Element>& tile, float* scratch) {
  int64_t first = 0;
  while (first < tile.queries) {
    const int64_t left = tile.queries - first;
    if (left >= kTileQueries) {
      AttendQueries<V, kTileQueries>(tile, first, scratch);
      first += kTileQueries;
    } else if (left % 3 == 0) {
      AttendQueries<V, 3>(tile, first, scratch);
      first += 3;
    } else if (left >= 4) {
      AttendQueries<V, 4>(tile, first, scratch);
      first += 4;
    } else {
      AttendQueries<V, 1>(tile, first, scratch);
      first += 1;
    }
  }
}

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_ATTENTION_TILE_H_
