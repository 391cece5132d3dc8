// SPDX-License-Identifier: Apache-2.0
#include "model/perception/nanodet.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "model/language/kernels/one_thread_each.h"
#include "model/perception/box_ops.h"
#include "model/perception/each_image.h"
#include "model/vision/max_pool.h"

namespace mrmllm {
namespace {

struct Stage {
  int64_t channels;
  int block_count;
  int64_t stride;
};

constexpr int64_t kStemChannels = 32;
constexpr Stage kStages[] = {{32, 1, 1}, {64, 2, 2}, {128, 2, 2}, {256, 3, 2}};
// The neck reads every stage but the first.
constexpr int kFirstLevel = 1;
constexpr int kSides = 4;

// One level of one image, on the CPU.
template <typename T>
struct RawPlaces {
  const T* logits;  // [height * width, label_count + 4 * bins]
  int64_t label_count;
  int64_t row_length;
  PyramidLevel level;
};

template <typename T>
void AppendCandidates(const RawPlaces<T>& places, float threshold, std::vector<ScoredBox>& to) {
  // sigmoid(x) >= threshold where x >= logit(threshold); the margin leaves rounding to the sigmoid.
  const float least = std::log(threshold / (1 - threshold)) - 1e-3f;
  std::vector<float> sides(places.row_length - places.label_count);
  for (int64_t place = 0; place < places.level.height * places.level.width; ++place) {
    const T* logits = places.logits + place * places.row_length;
    bool decoded = false;
    NormalizedBox box;
    for (int64_t label = 0; label < places.label_count; ++label) {
      const auto logit = static_cast<float>(logits[label]);
      if (!(logit >= least)) continue;
      const float score = 1 / (1 + std::exp(-logit));
      if (score < threshold) continue;
      if (!decoded) {
        std::copy_n(logits + places.label_count, sides.size(), sides.begin());
        box = DecodeBox(sides, places.level, place);
        decoded = true;
      }
      to.push_back({box, static_cast<int>(label), score});
    }
  }
}

ConvLayer Conv3x3(int64_t in, int64_t out, int64_t stride = 1) {
  return ConvLayer(ConvOptions{.in_channels = in,
                               .out_channels = out,
                               .kernel = 3,
                               .stride = stride,
                               .activation = Activation::kLeakyRelu});
}

ConvLayer Conv1x1(int64_t in, int64_t out) {
  return ConvLayer(ConvOptions{.in_channels = in, .out_channels = out});
}

}  // namespace

ResidualBlockImpl::ResidualBlockImpl(int64_t channels) {
  in_conv_ = register_module("in_conv", Conv3x3(channels, channels / 2));
  mid_conv_ = register_module("mid_conv", Conv3x3(channels / 2, channels / 2));
}

at::Tensor ResidualBlockImpl::forward(const at::Tensor& x) const {
  at::Tensor joined = EmptyMap(x, x.size(1));  // b beside a
  const int64_t half = x.size(1) / 2;
  const at::Tensor a = in_conv_->ForwardInto(x, joined.narrow(1, half, half));
  mid_conv_->ForwardInto(a, joined.narrow(1, 0, half));
  return joined;
}

CspStageImpl::CspStageImpl(int64_t channels, int block_count, int64_t stride) {
  in_conv_ = register_module("in_conv", Conv3x3(channels, channels, stride));
  res_blocks_ = register_module("res_blocks", torch::nn::ModuleList());
  for (int i = 0; i < block_count; ++i) res_blocks_->push_back(ResidualBlock(channels));
  res_out_conv_ = register_module("res_out_conv", Conv3x3(channels, channels));
}

at::Tensor CspStageImpl::forward(const at::Tensor& x) const {
  const at::Tensor y = in_conv_->forward(x);
  at::Tensor r = y;
  for (const std::shared_ptr<torch::nn::Module>& block : *res_blocks_) {
    r = block->as<ResidualBlockImpl>()->forward(r);
  }
  const int64_t channels = y.size(1);
  at::Tensor joined = EmptyMap(y, 2 * channels);
  res_out_conv_->ForwardInto(r, joined.narrow(1, 0, channels));
  joined.narrow(1, channels, channels).copy_(y);
  return joined;
}

NanoDetBackboneImpl::NanoDetBackboneImpl() {
  stem_ = register_module("stem", Conv3x3(3, kStemChannels, 2));
  stages_ = register_module("stages", torch::nn::ModuleList());
  for (const Stage& stage : kStages) {
    stages_->push_back(CspStage(stage.channels, stage.block_count, stage.stride));
  }
}

std::vector<at::Tensor> NanoDetBackboneImpl::forward(const at::Tensor& pixel_values) const {
  at::Tensor x = MaxPool(stem_->forward(pixel_values));
  std::vector<at::Tensor> maps;
  for (size_t i = 0; i < stages_->size(); ++i) {
    x = (*stages_)[i]->as<CspStageImpl>()->forward(x);
    if (i >= kFirstLevel) maps.push_back(x);
  }
  return maps;
}

NanoDetNeckImpl::NanoDetNeckImpl(int64_t channels) {
  lateral_ = register_module("lateral", torch::nn::ModuleList());
  for (const Stage& stage : kStages) {
    if (&stage - kStages >= kFirstLevel) lateral_->push_back(Conv1x1(2 * stage.channels, channels));
  }
}

std::vector<at::Tensor> NanoDetNeckImpl::forward(const std::vector<at::Tensor>& maps) const {
  std::vector<at::Tensor> levels;
  for (size_t i = 0; i < maps.size(); ++i) {
    levels.push_back((*lateral_)[i]->as<ConvLayerImpl>()->forward(maps[i]));
  }
  for (size_t i = levels.size() - 1; i > 0; --i) {
    levels[i - 1] =
        levels[i - 1] + at::upsample_bilinear2d(levels[i], levels[i - 1].sizes().slice(2),
                                                /*align_corners=*/false);
  }
  for (size_t i = 1; i < levels.size(); ++i) {
    // Bilinear by exactly one half with half-pixel centres is the mean of each 2 x 2.
    levels[i] = levels[i] + at::avg_pool2d(levels[i - 1], 2);
  }
  return levels;
}

NanoDetLevelHeadImpl::NanoDetLevelHeadImpl(int64_t channels, int64_t output_channels) {
  conv_ = register_module("conv", Conv3x3(channels, channels));
  output_ = register_module("output", Conv1x1(channels, output_channels));
}

at::Tensor NanoDetLevelHeadImpl::forward(const at::Tensor& x) const {
  const at::Tensor y = output_->forward(conv_->forward(x));  // [B, outputs, h, w]
  return y.permute({0, 2, 3, 1}).flatten(1, 2);              // [B, h * w, outputs]
}

absl::StatusOr<std::shared_ptr<Detector>> NanoDet::Make(const DetectorConfig& config) {
  if (config.strides != std::vector<int>{8, 16, 32}) {
    return absl::InvalidArgumentError(absl::StrCat("detector.strides: expected 8, 16, 32, got ",
                                                   absl::StrJoin(config.strides, ", ")));
  }
  if (config.input_size <= 0 || config.input_size % config.strides.back() != 0) {
    return absl::InvalidArgumentError(absl::StrCat("detector.input_size: expected a multiple of ",
                                                   config.strides.back(), ", got ",
                                                   config.input_size));
  }
  return std::make_shared<NanoDet>(config);
}

NanoDet::NanoDet(const DetectorConfig& config)
    : label_count_(static_cast<int64_t>(config.labels.size())), strides_(config.strides) {
  backbone_ = register_module("backbone", NanoDetBackbone());
  neck_ = register_module("neck", NanoDetNeck(config.neck_channels));
  head_ = register_module("head", torch::nn::ModuleList());
  const int64_t outputs = label_count_ + kSides * config.distribution_bins;
  for (size_t i = 0; i < strides_.size(); ++i) {
    head_->push_back(NanoDetLevelHead(config.neck_channels, outputs));
  }
}

void NanoDet::Prepare() { PrepareConvLayers(*this); }

std::vector<at::Tensor> NanoDet::Neck(const at::Tensor& pixel_values) const {
  return MapsOfEach(pixel_values, strides_.size(), [this](const at::Tensor& pixels) {
    return neck_->forward(backbone_->forward(pixels));
  });
}

at::Tensor NanoDet::LevelLogits(const std::vector<at::Tensor>& features, size_t level) const {
  return (*head_)[level]->as<NanoDetLevelHeadImpl>()->forward(features[level]);
}

DetectorOutput NanoDet::Head(const std::vector<at::Tensor>& features) const {
  std::vector<at::Tensor> scores;
  std::vector<at::Tensor> boxes;
  for (size_t i = 0; i < features.size(); ++i) {
    const at::Tensor raw = LevelLogits(features, i).to(at::kFloat);
    scores.push_back(raw.narrow(-1, 0, label_count_).sigmoid());
    const PyramidLevel level{features[i].size(2), features[i].size(3), strides_[i]};
    boxes.push_back(
        DecodeDistribution(raw.narrow(-1, label_count_, raw.size(-1) - label_count_), level));
  }
  return {at::cat(scores, 1), at::cat(boxes, 1)};
}

std::vector<std::vector<ScoredBox>> NanoDet::Candidates(const std::vector<at::Tensor>& features,
                                                        float threshold) const {
  std::vector<std::vector<ScoredBox>> candidates(features.front().size(0));
  if (!OneThreadForEach(features.front())) {
    AppendBatch(features, threshold, absl::MakeSpan(candidates));
    return candidates;
  }
  kernels::OneThreadEach(features.front().size(0), [&](int64_t image) {
    AppendBatch(ImageOf(features, image), threshold, absl::MakeSpan(&candidates[image], 1));
  });
  return candidates;
}

void NanoDet::AppendBatch(const std::vector<at::Tensor>& features, float threshold,
                          absl::Span<std::vector<ScoredBox>> candidates) const {
  // All levels are on their way before the first is waited for.
  std::vector<at::Tensor> levels;
  for (size_t i = 0; i < features.size(); ++i) levels.push_back(LevelLogits(features, i));
  for (size_t i = 0; i < levels.size(); ++i) {
    const bool bf16 = levels[i].scalar_type() == at::kBFloat16;
    const at::Tensor raw =
        levels[i].detach().to(at::kCPU, bf16 ? at::kBFloat16 : at::kFloat).contiguous();
    const PyramidLevel level{features[i].size(2), features[i].size(3), strides_[i]};
    for (size_t image = 0; image < candidates.size(); ++image) {
      const at::Tensor rows = raw[static_cast<int64_t>(image)];
      if (bf16) {
        AppendCandidates<at::BFloat16>(
            {rows.data_ptr<at::BFloat16>(), label_count_, rows.size(-1), level}, threshold,
            candidates[image]);
      } else {
        AppendCandidates<float>({rows.data_ptr<float>(), label_count_, rows.size(-1), level},
                                threshold, candidates[image]);
      }
    }
  }
}

}  // namespace mrmllm
