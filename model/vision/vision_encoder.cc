// SPDX-License-Identifier: Apache-2.0
#include "model/vision/vision_encoder.h"

#include "absl/strings/str_cat.h"

#include "model/vision/efficientnet_lite.h"

namespace mrmllm {

absl::StatusOr<std::shared_ptr<VisionEncoder>> MakeVisionEncoder(
    const VisionEncoderConfig& config) {
  if (config.family == "efficientnet_lite") return EfficientNetLite::Make(config);
  return absl::InvalidArgumentError(absl::StrCat(
      "vision_encoder.family: expected 'efficientnet_lite', got '", config.family, "'"));
}

}  // namespace mrmllm
