// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/cached_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "model/language/kernels/attention_tile.h"
#include "model/language/kernels/parallel_for.h"

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

MRMLLM_INLINE void Keep(float value, float* to) { *to = value; }
MRMLLM_INLINE void Keep(float value, uint16_t* to) { *to = ToBfloat16(value); }

// `slot` is the row's place within its block, whose first elements `key` and `value` are.
template <typename Element>
MRMLLM_INLINE void RotateAndKeepRow(const AttentionShape& shape, const float* cosine,
                                    const float* sine, int64_t slot, Element* key, Element* value,
                                    float* qkv) {
  const int64_t dim = shape.head_dim;
  for (int64_t head = 0; head < shape.heads + shape.kv_heads; ++head) {
    RotateHead(dim / 2, cosine, sine, qkv + head * dim, qkv + head * dim);
  }
  const float* k = qkv + shape.heads * dim;
  const float* v = k + shape.kv_heads * dim;
  for (int64_t head = 0; head < shape.kv_heads; ++head) {
    Element* to_key = key + head * shape.head_elements() + slot;
    Element* to_value = value + head * shape.head_elements() + slot * dim;
    for (int64_t d = 0; d < dim; ++d) Keep(k[head * dim + d], to_key + d * kBlockTokens);
    for (int64_t d = 0; d < dim; ++d) Keep(v[head * dim + d], to_value + d);
  }
}

MRMLLM_CPU_CLONES void RotateAndKeep(const AttentionShape& shape, const float* cosine,
                                     const float* sine, int64_t slot, float* key, float* value,
                                     float* qkv) {
  RotateAndKeepRow(shape, cosine, sine, slot, key, value, qkv);
}

MRMLLM_CPU_CLONES void RotateAndKeep(const AttentionShape& shape, const float* cosine,
                                     const float* sine, int64_t slot, uint16_t* key,
                                     uint16_t* value, float* qkv) {
  RotateAndKeepRow(shape, cosine, sine, slot, key, value, qkv);
}

template <typename Element>
void RotateAndStoreRow(const AttentionShape& shape, const SequenceRows& sequence, int64_t row,
                       const LayerBlocks& layer, const float* cosine, const float* sine,
                       float* qkv) {
  const int64_t position = sequence.position + row;
  const int64_t block = sequence.blocks[position / kBlockTokens] * shape.block_elements();
  const int64_t angle = position * shape.head_dim / 2;
  RotateAndKeep(shape, cosine + angle, sine + angle, position % kBlockTokens,
                static_cast<Element*>(layer.keys) + block,
                static_cast<Element*>(layer.values) + block,
                qkv + (sequence.row_begin + row) * shape.qkv_width());
}

MRMLLM_CPU_CLONES void AttendNarrow(const AttentionTile<float>& tile, float* scratch) {
  AttendTile<Float8>(tile, scratch);
}
MRMLLM_CPU_CLONES void AttendNarrow(const AttentionTile<uint16_t>& tile, float* scratch) {
  AttendTile<Float8>(tile, scratch);
}
MRMLLM_WIDE_CLONE void AttendWide(const AttentionTile<float>& tile, float* scratch) {
  AttendTile<Float16>(tile, scratch);
}
MRMLLM_WIDE_CLONE void AttendWide(const AttentionTile<uint16_t>& tile, float* scratch) {
  AttendTile<Float16>(tile, scratch);
}

// The result is the calling thread's and stays until its next call: layer after layer needs as
// much.
template <typename Element>
const std::vector<AttentionTile<Element>>& Tiles(const AttentionShape& shape, const StepRows& rows,
                                                 const LayerBlocks& layer, const float* qkv,
                                                 float* out) {
  const int64_t group = shape.heads / shape.kv_heads;
  const int64_t tile_rows = std::max<int64_t>(1, kTileQueries / group);
  thread_local std::vector<AttentionTile<Element>> tiles;
  tiles.clear();
  for (int64_t s = 0; s < rows.sequence_count; ++s) {
    const SequenceRows& sequence = rows.sequences[s];
    for (int64_t row = 0; row < sequence.row_count; row += tile_rows) {
      const int64_t at = sequence.row_begin + row;
      for (int64_t head = 0; head < shape.kv_heads; ++head) {
        AttentionTile<Element> tile;
        tile.keys = static_cast<const Element*>(layer.keys) + head * shape.head_elements();
        tile.values = static_cast<const Element*>(layer.values) + head * shape.head_elements();
        tile.blocks = sequence.blocks;
        tile.block_elements = shape.block_elements();
        tile.dim = shape.head_dim;
        tile.group = group;
        tile.position = sequence.position + row;
        tile.queries = std::min(tile_rows, sequence.row_count - row) * group;
        tile.q = qkv + at * shape.qkv_width() + head * group * shape.head_dim;
        tile.q_stride = shape.qkv_width();
        tile.out = out + (at * shape.heads + head * group) * shape.head_dim;
        tile.out_stride = shape.heads * shape.head_dim;
        tiles.push_back(tile);
      }
    }
  }
  return tiles;
}

// Tiles cost as much as their past is long, so threads take the next one when they are free; the
// longest of a prompt, its last, come first.
template <typename Element>
void AttendTiles(const std::vector<AttentionTile<Element>>& tiles) {
  constexpr int64_t kPairsPerTask = 2048;  // of query and key; fewer are done before a thread wakes
  const bool wide = has_wide_vectors();
  std::atomic<int64_t> left{static_cast<int64_t>(tiles.size())};
  int64_t pairs = 0;
  for (const auto& tile : tiles) pairs += tile.queries * (tile.position + 1);
  const int64_t tasks = std::clamp<int64_t>(pairs / kPairsPerTask, 1, at::get_num_threads());
  ParallelFor(0, tasks, 1, [&](int64_t, int64_t) {
    thread_local std::vector<float> scratch;
    for (int64_t i = --left; i >= 0; i = --left) {
      const AttentionTile<Element>& tile = tiles[i];
      const auto size =
          static_cast<size_t>(TileScratch(tile.dim, tile.position_of(tile.queries - 1)));
      if (scratch.size() < size) scratch.resize(size);
      wide ? AttendWide(tile, scratch.data()) : AttendNarrow(tile, scratch.data());
    }
  });
}

}  // namespace

void RotateAndStore(const AttentionShape& shape, const StepRows& rows, const LayerBlocks& layer,
                    const float* cosine, const float* sine, float* qkv) {
  constexpr int64_t kRowsPerTask = 8;
  const auto store = [&](const SequenceRows& sequence, int64_t row) {
    layer.bfloat16 ? RotateAndStoreRow<uint16_t>(shape, sequence, row, layer, cosine, sine, qkv)
                   : RotateAndStoreRow<float>(shape, sequence, row, layer, cosine, sine, qkv);
  };
  const SequenceRows& last = rows.sequences[rows.sequence_count - 1];
  ParallelFor(0, last.row_begin + last.row_count, kRowsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t s = 0; s < rows.sequence_count; ++s) {
      const SequenceRows& sequence = rows.sequences[s];
      const int64_t stop = std::min(sequence.row_count, end - sequence.row_begin);
      for (int64_t row = std::max<int64_t>(0, begin - sequence.row_begin); row < stop; ++row) {
        store(sequence, row);
      }
    }
  });
}

void AttendToBlocks(const AttentionShape& shape, const StepRows& rows, const LayerBlocks& layer,
                    const float* qkv, float* out) {
  if (layer.bfloat16) {
    AttendTiles(Tiles<uint16_t>(shape, rows, layer, qkv, out));
  } else {
    AttendTiles(Tiles<float>(shape, rows, layer, qkv, out));
  }
}

}  // namespace mrmllm::kernels
