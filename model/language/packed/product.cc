// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/product.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "model/language/kernels/float8.h"
#include "model/language/kernels/parallel_for.h"

namespace mrmllm::packed {
namespace {

using kernels::Float8;
using kernels::kLanes;

struct Tile {
  alignas(64) float values[kMaxTileRows * kBlock];
};

void Check(const PackedMatrix& weight, const EncodedRows& x) {
  TORCH_CHECK(x.shape().width == weight.columns(), "product: expected ", weight.columns(),
              " input columns, got ", x.shape().width);
  TORCH_CHECK(x.as_bfloat16() == (weight.format() == WeightFormat::kBfloat16),
              "product: the rows are not encoded for ", WeightFormatName(weight.format()));
}

// Calls visit(unit, row, rows, tiles) for every tile of rows and every unit of `kBlocks` blocks,
// units in parallel. A unit's weights stay in the nearest cache while all rows pass by.
template <int kBlocks, typename Visit>
void ForEachTile(const PackedMatrix& weight, const EncodedRows& x, const Visit& visit) {
  const TileProduct* products = BestTileKernels().products(weight.format());
  const int64_t rows = x.shape().rows;
  constexpr int64_t kProductsPerTask = 1 << 15;
  const int64_t unit_products = kBlocks * kBlock * weight.columns() * std::max<int64_t>(1, rows);
  const int64_t grain = std::max<int64_t>(1, kProductsPerTask / unit_products);
  kernels::ParallelFor(0, weight.blocks() / kBlocks, grain, [&](int64_t begin, int64_t end) {
    Tile tiles[kBlocks];
    for (int64_t unit = begin; unit < end; ++unit) {
      for (int64_t row = 0; row < rows;) {
        const int count = TileRows(row, rows);
        const TileProduct product = products[count == 8 ? 3 : count / 2];
        for (int b = 0; b < kBlocks; ++b) {
          product(weight.block(unit * kBlocks + b), x.tile(row), tiles[b].values);
        }
        visit(unit, row, count, tiles);
        row += count;
      }
    }
  });
}

MRMLLM_CPU_CLONES void SwiGlu(int rows, const float* gate, const float* up, float* y) {
  for (int64_t i = 0; i < rows * kBlock; i += kLanes) {
    const Float8 g = kernels::Load(gate + i);
    kernels::Store(y + i, g / (1.0f + kernels::Exp(-g)) * kernels::Load(up + i));
  }
}

// Where a block's 16 values go in each row of the result; the last block may stick out.
struct Columns {
  Columns(int64_t unit, int64_t width)
      : begin(unit * kBlock), count(std::min<int64_t>(kBlock, width - begin)) {}
  int64_t begin;
  int64_t count;
};

}  // namespace

void Multiply(const PackedMatrix& weight, const EncodedRows& x, float* y) {
  Check(weight, x);
  const int64_t width = weight.rows();
  ForEachTile<1>(weight, x, [&](int64_t unit, int64_t row, int count, const Tile* tile) {
    const Columns columns(unit, width);
    for (int r = 0; r < count; ++r) {
      std::copy_n(tile->values + r * kBlock, columns.count, y + (row + r) * width + columns.begin);
    }
  });
}

void MultiplyOnto(const PackedMatrix& weight, const EncodedRows& x, float* y) {
  Check(weight, x);
  const int64_t width = weight.rows();
  ForEachTile<1>(weight, x, [&](int64_t unit, int64_t row, int count, const Tile* tile) {
    const Columns columns(unit, width);
    for (int r = 0; r < count; ++r) {
      float* to = y + (row + r) * width + columns.begin;
      for (int64_t i = 0; i < columns.count; ++i) to[i] += tile->values[r * kBlock + i];
    }
  });
}

void MultiplySwiGlu(const PackedMatrix& gate_up, const EncodedRows& x, float* y) {
  Check(gate_up, x);
  const int64_t width = gate_up.rows() / 2;
  ForEachTile<2>(gate_up, x, [&](int64_t unit, int64_t row, int count, Tile* tiles) {
    const Columns columns(unit, width);
    SwiGlu(count, tiles[0].values, tiles[1].values, tiles[0].values);
    for (int r = 0; r < count; ++r) {
      std::copy_n(tiles[0].values + r * kBlock, columns.count,
                  y + (row + r) * width + columns.begin);
    }
  });
}

}  // namespace mrmllm::packed
