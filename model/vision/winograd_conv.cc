// SPDX-License-Identifier: Apache-2.0
#include "model/vision/winograd_conv.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define MRMLLM_AVX512_BF16 \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma")))
#endif

namespace mrmllm {
namespace {

constexpr int kPoints = 16;  // of a transformed tile
constexpr int kLanes = 16;   // float32 values in a register
constexpr int kBlockTiles =
    36;                        // transformed together; their points stay in the second-level cache
constexpr int kRowTiles = 12;  // multiplied together: their 12 x 2 sums fill the registers
constexpr int kVectors = 2;    // of output channels, multiplied together
constexpr int kBlock = kVectors * kLanes;

uint16_t ToBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// G g G^T of one 3 x 3 filter.
std::array<float, kPoints> TransformFilter(const float* filter) {
  const auto along = [](float a, float b, float c) {
    return std::array<float, 4>{a, (a + b + c) / 2, (a - b + c) / 2, c};
  };
  std::array<std::array<float, 4>, 3> columns;
  for (int x = 0; x < 3; ++x) columns[x] = along(filter[x], filter[3 + x], filter[6 + x]);
  std::array<float, kPoints> points;
  for (int y = 0; y < 4; ++y) {
    const std::array<float, 4> row = along(columns[0][y], columns[1][y], columns[2][y]);
    std::copy(row.begin(), row.end(), points.begin() + 4 * y);
  }
  return points;
}

}  // namespace

struct WinogradConv::Scratch {
  std::vector<uint16_t> zeros;   // [in]: what lies outside the map
  std::vector<uint16_t> inputs;  // [16][tiles][in]
  std::vector<float> products;   // [16][tiles][kBlock]
};

WinogradConv::WinogradConv(const float* weight, const float* bias, const Shape& shape)
    : shape_(shape),
      weight_(kPoints * shape.in_channels * shape.out_channels),
      bias_(bias, bias + shape.out_channels) {
  const int64_t in = shape.in_channels;
  for (int64_t o = 0; o < shape.out_channels; ++o) {
    for (int64_t i = 0; i < in; ++i) {
      const std::array<float, kPoints> points = TransformFilter(weight + (o * in + i) * 9);
      for (int64_t p = 0; p < kPoints; ++p) {
        weight_[(((o / kBlock * kPoints + p) * (in / 2) + i / 2) * kBlock + o % kBlock) * 2 +
                i % 2] = ToBf16(points[p]);
      }
    }
  }
}

int64_t WinogradConv::TileCount(const Bf16Map& x) {
  return x.batch * ((x.height + 1) / 2) * ((x.width + 1) / 2);
}

#if defined(__x86_64__)

// GCC 12 believes that its own intrinsics read what they leave undefined.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace {

struct Tile {
  int64_t image;
  int64_t y;  // of its first output
  int64_t x;
};

Tile TileAt(const Bf16Map& map, int64_t index) {
  const int64_t columns = (map.width + 1) / 2;
  const int64_t rows = (map.height + 1) / 2;
  return {index / (rows * columns), index / columns % rows * 2, index % columns * 2};
}

Tile Next(const Bf16Map& map, Tile tile) {
  tile.x += 2;
  if (tile.x < map.width) return tile;
  tile.x = 0;
  tile.y += 2;
  if (tile.y < map.height) return tile;
  return {tile.image + 1, 0, 0};
}

// The kSide x kSide pixels from `offset` before the tile's first on; `outside` where there is none.
template <int kSide>
auto PixelsAt(const Bf16Map& map, const Tile& tile, int64_t offset, uint16_t* outside) {
  std::array<uint16_t*, kSide * kSide> pixels;
  for (int64_t dy = 0; dy < kSide; ++dy) {
    const int64_t y = tile.y + dy - offset;
    const int64_t row = (tile.image * map.height + y) * map.width;
    for (int64_t dx = 0; dx < kSide; ++dx) {
      const int64_t x = tile.x + dx - offset;
      const bool inside = y >= 0 && y < map.height && x >= 0 && x < map.width;
      pixels[dy * kSide + dx] = inside ? map.data + (row + x) * map.pixel_stride : outside;
    }
  }
  return pixels;
}

MRMLLM_AVX512_BF16 inline __m512 LoadBf16(const uint16_t* from) {
  const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

MRMLLM_AVX512_BF16 inline void StoreBf16(uint16_t* to, __m512 values) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values)));
}

// B^T d B of one tile for all channels; point p of channel c goes to to[p * point_stride + c].
MRMLLM_AVX512_BF16 void TransformInput(const std::array<uint16_t*, kPoints>& pixels,
                                       int64_t channels, int64_t point_stride, uint16_t* to) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    __m512 down[4][4];
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      const __m512 d0 = LoadBf16(pixels[x] + c), d1 = LoadBf16(pixels[4 + x] + c),
                   d2 = LoadBf16(pixels[8 + x] + c), d3 = LoadBf16(pixels[12 + x] + c);
      down[0][x] = _mm512_sub_ps(d0, d2);
      down[1][x] = _mm512_add_ps(d1, d2);
      down[2][x] = _mm512_sub_ps(d2, d1);
      down[3][x] = _mm512_sub_ps(d1, d3);
    }
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) {
      uint16_t* row = to + 4 * y * point_stride + c;
      StoreBf16(row, _mm512_sub_ps(down[y][0], down[y][2]));
      StoreBf16(row + point_stride, _mm512_add_ps(down[y][1], down[y][2]));
      StoreBf16(row + 2 * point_stride, _mm512_sub_ps(down[y][2], down[y][1]));
      StoreBf16(row + 3 * point_stride, _mm512_sub_ps(down[y][1], down[y][3]));
    }
  }
}

// products [kTiles, kVectors * 16] = inputs [kTiles, in] * weight [in / 2, kVectors * 16, 2].
template <int kTiles>
MRMLLM_AVX512_BF16 void Multiply(const uint16_t* inputs, const uint16_t* weight, int64_t in,
                                 float* products) {
  // Unrolled, or the sums would live in memory before and after the loop.
  __m512 sums[kTiles][kVectors];
#pragma GCC unroll 12
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[t][v] = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < in; i += 2) {
    __m512bh weights[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      weights[v] =
          reinterpret_cast<__m512bh>(_mm512_loadu_si512(weight + (i * kVectors + 2 * v) * kLanes));
    }
#pragma GCC unroll 12
    for (int t = 0; t < kTiles; ++t) {
      int32_t pair;
      std::memcpy(&pair, inputs + t * in + i, sizeof(pair));
      const auto both = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
      for (int v = 0; v < kVectors; ++v) {
        sums[t][v] = _mm512_dpbf16_ps(sums[t][v], both, weights[v]);
      }
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      _mm512_storeu_ps(products + (t * kVectors + v) * kLanes, sums[t][v]);
    }
  }
}

using MultiplyFunction = void (*)(const uint16_t*, const uint16_t*, int64_t, float*);

constexpr std::array<MultiplyFunction, kRowTiles> kMultiply = {
    Multiply<1>, Multiply<2>, Multiply<3>, Multiply<4>,  Multiply<5>,  Multiply<6>,
    Multiply<7>, Multiply<8>, Multiply<9>, Multiply<10>, Multiply<11>, Multiply<12>};

// A^T m A of one tile, bias and activation, for the 16 channels at `products` and `bias`; point p
// lies at products[p * point_stride]. Outputs outside the map are null.
MRMLLM_AVX512_BF16 void TransformOutput(const float* products, int64_t point_stride,
                                        const float* bias, float negative_slope,
                                        const std::array<uint16_t*, 4>& outputs, int64_t channel) {
  const __m512 offset = _mm512_loadu_ps(bias);
  const __m512 slope = _mm512_set1_ps(negative_slope);
  __m512 down[2][4];
#pragma GCC unroll 4
  for (int x = 0; x < 4; ++x) {
    const float* column = products + x * point_stride;
    const __m512 m0 = _mm512_loadu_ps(column), m1 = _mm512_loadu_ps(column + 4 * point_stride),
                 m2 = _mm512_loadu_ps(column + 8 * point_stride),
                 m3 = _mm512_loadu_ps(column + 12 * point_stride);
    down[0][x] = _mm512_add_ps(_mm512_add_ps(m0, m1), m2);
    down[1][x] = _mm512_sub_ps(_mm512_sub_ps(m1, m2), m3);
  }
#pragma GCC unroll 2
  for (int y = 0; y < 2; ++y) {
    const __m512 sums[2] = {
        _mm512_add_ps(_mm512_add_ps(down[y][0], down[y][1]), _mm512_add_ps(down[y][2], offset)),
        _mm512_add_ps(_mm512_sub_ps(down[y][1], down[y][2]), _mm512_sub_ps(offset, down[y][3]))};
    for (int x = 0; x < 2; ++x) {
      if (outputs[2 * y + x] == nullptr) continue;
      StoreBf16(outputs[2 * y + x] + channel,
                _mm512_max_ps(sums[x], _mm512_mul_ps(sums[x], slope)));
    }
  }
}

}  // namespace

bool WinogradConv::Supports(int64_t in_channels, int64_t out_channels) {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
         in_channels % kLanes == 0 && out_channels % kBlock == 0;
}

void WinogradConv::Run(const Bf16Map& x, const Bf16Map& y, int64_t begin, int64_t end) const {
  // Kept from call to call: a step allocates nothing once the largest layer has been seen.
  thread_local Scratch scratch;
  const auto grow = [](auto& buffer, int64_t size) {
    if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(size);
  };
  grow(scratch.zeros, shape_.in_channels);
  grow(scratch.inputs, kPoints * kBlockTiles * shape_.in_channels);
  grow(scratch.products, kPoints * kBlockTiles * kBlock);
  const int64_t blocks = (end - begin + kBlockTiles - 1) / kBlockTiles;
  for (int64_t i = 0; i < blocks; ++i) {
    const int64_t from = begin + (end - begin) * i / blocks;
    const int64_t to = begin + (end - begin) * (i + 1) / blocks;
    RunBlock(x, y, from, static_cast<int>(to - from), scratch);
  }
}

void WinogradConv::RunBlock(const Bf16Map& x, const Bf16Map& y, int64_t begin, int count,
                            Scratch& scratch) const {
  const int64_t in = shape_.in_channels;
  std::array<std::array<uint16_t*, 4>, kBlockTiles> outputs;
  Tile tile = TileAt(x, begin);
  for (int t = 0; t < count; ++t, tile = Next(x, tile)) {
    TransformInput(PixelsAt<4>(x, tile, 1, scratch.zeros.data()), in, count * in,
                   scratch.inputs.data() + t * in);
    outputs[t] = PixelsAt<2>(y, tile, 0, nullptr);
  }
  const int groups = (count + kRowTiles - 1) / kRowTiles;
  for (int64_t channel = 0; channel < shape_.out_channels; channel += kBlock) {
    const uint16_t* weight = weight_.data() + channel * kPoints * in;
    for (int p = 0; p < kPoints; ++p) {
      for (int g = 0; g < groups; ++g) {
        const int first = count * g / groups;
        const int tiles = count * (g + 1) / groups - first;
        kMultiply[tiles - 1](scratch.inputs.data() + (p * count + first) * in,
                             weight + p * kBlock * in, in,
                             scratch.products.data() + (p * count + first) * kBlock);
      }
    }
    for (int t = 0; t < count; ++t) {
      for (int64_t c = 0; c < kBlock; c += kLanes) {
        TransformOutput(scratch.products.data() + t * kBlock + c, count * kBlock,
                        bias_.data() + channel + c, shape_.negative_slope, outputs[t], channel + c);
      }
    }
  }
}

#else

bool WinogradConv::Supports(int64_t, int64_t) { return false; }
void WinogradConv::Run(const Bf16Map&, const Bf16Map&, int64_t, int64_t) const {}
void WinogradConv::RunBlock(const Bf16Map&, const Bf16Map&, int64_t, int, Scratch&) const {}

#endif

}  // namespace mrmllm
