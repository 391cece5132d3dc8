// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_CONV_LAYER_H_
#define MRMLLM_MODEL_VISION_CONV_LAYER_H_

#include <torch/torch.h>

#include <cstdint>
#include <memory>

#include "model/vision/winograd_conv.h"

namespace mrmllm {

enum class Activation {
  kNone,
  kLeakyRelu,  // slope 0.1 below 0
  kRelu,
  kRelu6,
  kSilu,
  kGelu,
};

enum class Padding {
  kCentred,  // kernel / 2 zeros on every side
  kSame,     // TensorFlow's SAME: as many as the output ceil(size / stride) needs, the odd one last
};

struct ConvOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel = 1;  // side of the square, odd
  int64_t stride = 1;
  int64_t groups = 1;
  Activation activation = Activation::kNone;
  Padding padding = Padding::kCentred;
};

// A convolution with bias and its activation.
//
//   ConvLayer conv(ConvOptions{.in_channels = 3, .out_channels = 32, .kernel = 3});
//   ...load parameters...
//   conv->Prepare();
//   at::Tensor y = conv->forward(x);
//
// Parameters `weight` [out, in / groups, kernel, kernel] and `bias` [out] start at 0 and come from
// a checkpoint. Once prepared, and while no gradient is asked for, a CPU runs convolution and
// activation in one pass over a weight that was packed once: our own Winograd kernel where it can,
// oneDNN elsewhere.
//
// Thread-safety: forward is const; Prepare is not.
class ConvLayerImpl : public torch::nn::Module {
 public:
  explicit ConvLayerImpl(const ConvOptions& options);

  // Lays the weight out for inference. Call after the parameters are loaded, and again whenever
  // they change; forward is right without it too.
  void Prepare();

  // [B, in, h, w] -> [B, out, ceil(h / stride), ceil(w / stride)], channels last.
  at::Tensor forward(const at::Tensor& x) const;

  // The same into `out`, which may be some channels of a wider map: layers that write side by side
  // need no concatenation. Returns the result for the next layer to read, `out` itself where that
  // costs it nothing.
  at::Tensor ForwardInto(const at::Tensor& x, const at::Tensor& out) const;

 private:
  at::Tensor Convolve(const at::Tensor& padded, int64_t padding) const;

  const ConvOptions options_;
  at::Tensor weight_;
  at::Tensor bias_;
  // At most one of the two is set, by Prepare.
  std::unique_ptr<const WinogradConv> winograd_;
  at::Tensor packed_weight_;  // oneDNN's
};
TORCH_MODULE(ConvLayer);

// An uninitialised channels-last map of the batch, height, width and dtype of `like`.
at::Tensor EmptyMap(const at::Tensor& like, int64_t channels);

// Calls Prepare on every ConvLayer under `module`.
void PrepareConvLayers(torch::nn::Module& module);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_CONV_LAYER_H_
