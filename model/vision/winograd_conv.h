// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_WINOGRAD_CONV_H_
#define MRMLLM_MODEL_VISION_WINOGRAD_CONV_H_

#include <cstdint>
#include <vector>

namespace mrmllm {

// A batch of feature maps in bfloat16, channels last: the channels of pixel (b, y, x) begin at
// data + ((b * height + y) * width + x) * pixel_stride. A slice of a wider map's channels is one.
struct Bf16Map {
  uint16_t* data = nullptr;
  int64_t batch = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t pixel_stride = 0;  // elements, at least the channels
};

// A 3 x 3 convolution of stride 1, padded to the same size, with bias and leaky ReLU, on bfloat16
// maps. Winograd's F(2 x 2, 3 x 3) (Lavin and Gray, arXiv 1509.09308) takes 16 multiplications for
// four outputs where the definition takes 36. Sums are float32; what is rounded to bfloat16 beside
// weights and outputs is each transformed input, a sum of four values.
//
//   if (WinogradConv::Supports(in, out)) {
//     const WinogradConv conv(weight, bias, {.in_channels = in, .out_channels = out});
//     conv.Run(x, y, 0, WinogradConv::TileCount(x));
//   }
//
// Thread-safety: const after construction; threads may run ranges of tiles of one map at a time.
// Ownership: keeps its own copy of the weights, 16 / 9 as large.
class WinogradConv {
 public:
  struct Shape {
    int64_t in_channels = 0;   // a multiple of 16
    int64_t out_channels = 0;  // a multiple of 32
    float negative_slope = 1;  // [0, 1]; 1: no activation
  };

  // Whether this CPU (AVX512-BF16) and these channels can. With few outputs the transforms would
  // cost what the multiplications save.
  static bool Supports(int64_t in_channels, int64_t out_channels);

  // weight [out, in, 3, 3], bias [out].
  WinogradConv(const float* weight, const float* bias, const Shape& shape);

  // Tiles of 2 x 2 outputs in all maps of the batch.
  static int64_t TileCount(const Bf16Map& x);

  // Computes tiles [begin, end). x and y have one size, x.pixel_stride holds in_channels and
  // y.pixel_stride out_channels; they may be different channels of the same memory.
  void Run(const Bf16Map& x, const Bf16Map& y, int64_t begin, int64_t end) const;

 private:
  struct Scratch;

  void RunBlock(const Bf16Map& x, const Bf16Map& y, int64_t begin, int count,
                Scratch& scratch) const;

  const Shape shape_;
  // [out / 32][16][in / 2][32][2]
  std::vector<uint16_t> weight_;
  std::vector<float> bias_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_WINOGRAD_CONV_H_
