// SPDX-License-Identifier: Apache-2.0
#include "model/vision/finer_names.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/language/kernels/one_thread_each.h"
#include "model/vision/pixel_normalization.h"

namespace mrmllm {
namespace {

constexpr float kMargin = 0.1f;  // of the box's side, added on each side
// Bounds the activations' memory. On a CPU a batch gains nothing, and each new batch size would
// make its convolutions anew, which takes longer than they do: there each crop has a thread.
constexpr int64_t kCropsPerRun = 16;
constexpr int64_t kCropsPerRunOnCpu = 1;

struct PixelRange {
  int64_t begin = 0;
  int64_t length = 0;
};

PixelRange WithMargin(float min, float max, int side) {
  const float margin = (max - min) * kMargin;
  const auto begin = static_cast<int64_t>(std::floor((min - margin) * side));
  const auto end = static_cast<int64_t>(std::ceil((max + margin) * side));
  const int64_t clipped = std::clamp<int64_t>(begin, 0, side - 1);
  return {clipped, std::clamp<int64_t>(end, clipped + 1, side) - clipped};
}

bool LargeEnough(const NormalizedBox& box, const Image& detail) {
  return (box.x_max - box.x_min) * detail.width >= FinerNames::kMinCropSide &&
         (box.y_max - box.y_min) * detail.height >= FinerNames::kMinCropSide;
}

}  // namespace

struct FinerNames::Crop {
  const Image* detail;
  Detection* detection;
};

at::Tensor CutCrop(const Image& detail, const NormalizedBox& box, int size) {
  const PixelRange x = WithMargin(box.x_min, box.x_max, detail.width);
  const PixelRange y = WithMargin(box.y_min, box.y_max, detail.height);
  // Only read; from_blob has no const view.
  const at::Tensor pixels = at::from_blob(const_cast<uint8_t*>(detail.pixels.data()),
                                          {detail.height, detail.width, 3}, at::kByte);
  const at::Tensor cut = pixels.narrow(0, y.begin, y.length)
                             .narrow(1, x.begin, x.length)
                             .permute({2, 0, 1})
                             .unsqueeze(0)
                             .contiguous(at::MemoryFormat::ChannelsLast);
  return at::_upsample_bilinear2d_aa(cut, {size, size}, /*align_corners=*/false).squeeze(0);
}

FinerNames::FinerNames(const VisionEncoderConfig& config,
                       std::shared_ptr<const VisionEncoder> encoder)
    : config_(config), encoder_(std::move(encoder)) {}

std::vector<FinerNames::Crop> FinerNames::CollectCrops(absl::Span<const Target> targets) const {
  std::vector<Crop> crops;
  for (const Target& target : targets) {
    int count = 0;
    for (Detection& detection : *target.detections) {
      if (count == kMaxCrops) break;
      if (!detection.sure || !config_.finer_names.contains(detection.label) ||
          !LargeEnough(detection.box, target.image->detail)) {
        continue;
      }
      crops.push_back({&target.image->detail, &detection});
      ++count;
    }
  }
  return crops;
}

at::Tensor FinerNames::ClassProbabilities(absl::Span<const Crop> crops) const {
  std::vector<at::Tensor> pixels;
  for (const Crop& crop : crops) {
    pixels.push_back(CutCrop(*crop.detail, crop.detection->box, config_.input_size));
  }
  const at::Tensor stacked = at::stack(pixels).permute({0, 2, 3, 1});  // [crops, S, S, 3]
  const at::Tensor values =
      NormalizePixels(stacked, config_.normalization, encoder_->parameters().front().options());
  const at::Tensor logits = encoder_->Classify(encoder_->FeatureMap(values));
  return logits.to(at::kCPU, at::kFloat).softmax(-1).contiguous();
}

void FinerNames::Name(Detection& detection, const float* probabilities) const {
  const std::vector<int>& compatible = config_.finer_names.at(detection.label);
  float belief = 0;
  int best = compatible.front();
  for (int index : compatible) {
    belief += probabilities[index];
    if (probabilities[index] > probabilities[best]) best = index;
  }
  if (!(belief >= kMinBelief)) return;
  // The softmax over the compatible names alone.
  const float score = probabilities[best] / belief;
  if (score < config_.finer_name_threshold) return;
  detection.finer_label = config_.labels[best];
  detection.finer_score = std::min(score, 1.0f);
}

void FinerNames::Assign(absl::Span<const Target> targets) const {
  const std::vector<Crop> all = CollectCrops(targets);
  const bool on_cpu = encoder_->parameters().front().is_cpu();
  const int64_t crops_per_run = on_cpu ? kCropsPerRunOnCpu : kCropsPerRun;
  const auto count = static_cast<int64_t>(all.size());
  const auto name_run = [&](int64_t run) {
    const auto crops = absl::MakeConstSpan(all).subspan(run * crops_per_run, crops_per_run);
    const at::Tensor probabilities = ClassProbabilities(crops);
    for (size_t i = 0; i < crops.size(); ++i) {
      Name(*crops[i].detection, probabilities[static_cast<int64_t>(i)].data_ptr<float>());
    }
  };
  const int64_t runs = (count + crops_per_run - 1) / crops_per_run;
  if (on_cpu) {
    kernels::OneThreadEach(runs, name_run);
  } else {
    for (int64_t run = 0; run < runs; ++run) name_run(run);
  }
}

}  // namespace mrmllm
