// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/rt_detr.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/language/kernels/one_thread_each.h"
#include "model/perception/each_image.h"

namespace mrmllm {
namespace {

// The reference leaves this one at its library's default.
constexpr double kInputProjectionEps = 1e-5;

std::vector<int64_t> Sides(const DetectorConfig& config) {
  std::vector<int64_t> sides;
  for (int stride : config.strides) sides.push_back(config.input_size / stride);
  return sides;
}

ConvNorm Projection(int64_t in, int64_t out, double eps) {
  return ConvNorm(ConvOptions{.in_channels = in, .out_channels = out},
                  std::vector<ConvNormNames>{{"0", "1"}}, eps);
}

// The best `count`, in the order they stand in.
void KeepBest(size_t count, std::vector<ScoredBox>& boxes) {
  if (boxes.size() <= count) return;
  std::vector<float> scores;
  for (const ScoredBox& scored : boxes) scores.push_back(scored.score);
  const auto last = scores.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(scores.begin(), last, scores.end(), std::greater<>());
  const float least = *last;
  // Of several that score exactly the least, the first ones.
  auto ties = static_cast<int64_t>(count) -
              std::count_if(boxes.begin(), boxes.end(),
                            [&](const ScoredBox& scored) { return scored.score > least; });
  std::erase_if(boxes, [&](const ScoredBox& scored) {
    return scored.score < least || (scored.score == least && ties-- <= 0);
  });
}

}  // namespace

absl::StatusOr<std::shared_ptr<Detector>> RtDetr::Make(const DetectorConfig& config) {
  if (config.rt_detr == nullptr) {
    return absl::InvalidArgumentError("detector.rt_detr: expected an object, got nothing");
  }
  return std::make_shared<RtDetr>(config);
}

RtDetr::RtDetr(const DetectorConfig& config)
    : input_size_(static_cast<float>(config.input_size)), sides_(Sides(config)) {
  const RtDetrConfig& dimensions = *config.rt_detr;
  const int64_t channels = config.neck_channels;
  const auto levels = static_cast<int64_t>(sides_.size());
  const auto labels = static_cast<int64_t>(config.labels.size());
  const auto model = register_module("model", std::make_shared<torch::nn::Module>());
  backbone_ = model->register_module("backbone", std::make_shared<torch::nn::Module>())
                  ->register_module("model", ResNetVd(dimensions.backbone, levels));
  encoder_input_proj_ = model->register_module("encoder_input_proj", torch::nn::ModuleList());
  encoder_ = model->register_module("encoder", HybridEncoder(dimensions, channels, sides_));
  selection_ = std::make_unique<QuerySelection>(dimensions, sides_, labels, *model);
  decoder_input_proj_ = model->register_module("decoder_input_proj", torch::nn::ModuleList());
  decoder_ = model->register_module("decoder", RtDetrDecoder(dimensions, levels, labels));
  const std::vector<int>& sizes = dimensions.backbone.hidden_sizes;
  for (auto size = sizes.end() - levels; size != sizes.end(); ++size) {
    encoder_input_proj_->push_back(Projection(*size, channels, kInputProjectionEps));
    decoder_input_proj_->push_back(
        Projection(channels, dimensions.d_model, dimensions.batch_norm_eps));
  }
}

void RtDetr::Prepare() { PrepareConvLayers(*this); }

std::vector<at::Tensor> RtDetr::BackboneMaps(const at::Tensor& pixel_values) const {
  return backbone_->forward(pixel_values);
}

std::vector<at::Tensor> RtDetr::Neck(const at::Tensor& pixel_values) const {
  return MapsOfEach(pixel_values, sides_.size(), [this](const at::Tensor& pixels) {
    std::vector<at::Tensor> maps = BackboneMaps(pixels);
    for (size_t i = 0; i < maps.size(); ++i) {
      maps[i] = (*encoder_input_proj_)[i]->as<ConvNormImpl>()->forward(maps[i]);
    }
    return encoder_->forward(std::move(maps));
  });
}

PyramidRows RtDetr::Rows(const std::vector<at::Tensor>& features) const {
  std::vector<at::Tensor> levels;
  for (size_t i = 0; i < features.size(); ++i) {
    const at::Tensor map = (*decoder_input_proj_)[i]->as<ConvNormImpl>()->forward(features[i]);
    levels.push_back(map.flatten(2).transpose(1, 2));
  }
  return {at::cat(levels, 1), sides_};
}

QueryOutput RtDetr::Decode(const std::vector<at::Tensor>& features) const {
  const PyramidRows pyramid = Rows(features);
  const SelectedQueries selected = Select(pyramid);
  return decoder_->forward(selected.queries, selected.box_logits, pyramid);
}

at::Tensor RtDetr::PixelBoxes(const at::Tensor& boxes) const {
  const at::Tensor centre = boxes.narrow(-1, 0, 2);
  const at::Tensor half = boxes.narrow(-1, 2, 2) / 2;
  return (at::cat({centre - half, centre + half}, -1) * input_size_).clamp(0, input_size_);
}

DetectorOutput RtDetr::Head(const std::vector<at::Tensor>& features) const {
  const QueryOutput output = Decode(features);
  return {output.logits.sigmoid(), PixelBoxes(output.boxes)};
}

std::vector<ScoredBox> RtDetr::CandidatesOf(const QueryOutput& output, int64_t image,
                                            float threshold) const {
  const at::Tensor logits = output.logits[image].detach().to(at::kCPU).contiguous();
  const at::Tensor boxes = PixelBoxes(output.boxes[image]).detach().to(at::kCPU).contiguous();
  const float* box = boxes.data_ptr<float>();
  // sigmoid(x) >= threshold where x >= logit(threshold); the margin leaves rounding to the sigmoid.
  const float least = std::log(threshold / (1 - threshold)) - 1e-3f;
  std::vector<ScoredBox> candidates;
  for (int64_t query = 0; query < logits.size(0); ++query, box += 4) {
    const float* row = logits.data_ptr<float>() + query * logits.size(1);
    for (int64_t label = 0; label < logits.size(1); ++label) {
      if (!(row[label] >= least)) continue;
      const float score = 1 / (1 + std::exp(-row[label]));
      if (score < threshold) continue;
      candidates.push_back({{box[0], box[1], box[2], box[3]}, static_cast<int>(label), score});
    }
  }
  KeepBest(static_cast<size_t>(logits.size(0)), candidates);
  return candidates;
}

std::vector<std::vector<ScoredBox>> RtDetr::Candidates(const std::vector<at::Tensor>& features,
                                                       float threshold) const {
  const int64_t batch = features.front().size(0);
  std::vector<std::vector<ScoredBox>> candidates(batch);
  if (OneThreadForEach(features.front())) {
    kernels::OneThreadEach(batch, [&](int64_t image) {
      candidates[image] = CandidatesOf(Decode(ImageOf(features, image)), 0, threshold);
    });
    return candidates;
  }
  const QueryOutput output = Decode(features);
  for (int64_t image = 0; image < batch; ++image) {
    candidates[image] = CandidatesOf(output, image, threshold);
  }
  return candidates;
}

}  // namespace mrmllm
