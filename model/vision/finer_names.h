// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_FINER_NAMES_H_
#define MRMLLM_MODEL_VISION_FINER_NAMES_H_

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "base/image.h"
#include "model/config.h"
#include "model/vision/vision_encoder.h"

namespace mrmllm {

// The pixels of a detection with a margin around, brought to the encoder's square input:
// uint8 RGB [3, size, size] on the CPU. `detail` is the displayed image or a smaller copy of it.
at::Tensor CutCrop(const Image& detail, const NormalizedBox& box, int size);

// Names found objects more finely than the detector's classes do: the encoder's classifier looks at
// each crop, and the best of the names that are compatible with the detector's class is taken if it
// is clear enough. A class that the classifier does not believe in at all gets no finer name, so a
// wrong detection is not embellished.
//
//   const FinerNames finer_names(config.vision_encoder, encoder);
//   finer_names.Assign({{&image, &detections}, ...});   // one batch for all
//
// Cost: at most kMaxCrops crops an image, sure detections only, best score first.
//
// Thread-safety: const. Ownership: shares the encoder.
class FinerNames {
 public:
  static constexpr int kMaxCrops = 8;        // an image
  static constexpr int kMinCropSide = 24;    // pixels of the detail; smaller ones tell nothing
  static constexpr float kMinBelief = 0.2f;  // of all probability, on compatible names together

  struct Target {
    const ImageInput* image = nullptr;
    std::vector<Detection>* detections = nullptr;  // best score first; finer names are set in place
  };

  FinerNames(const VisionEncoderConfig& config, std::shared_ptr<const VisionEncoder> encoder);

  void Assign(absl::Span<const Target> targets) const;

 private:
  struct Crop;

  std::vector<Crop> CollectCrops(absl::Span<const Target> targets) const;
  at::Tensor ClassProbabilities(absl::Span<const Crop> crops) const;  // [crops, labels], CPU
  void Name(Detection& detection, const float* probabilities) const;

  const VisionEncoderConfig config_;
  const std::shared_ptr<const VisionEncoder> encoder_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_FINER_NAMES_H_
