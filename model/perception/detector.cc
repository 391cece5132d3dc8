// SPDX-License-Identifier: Apache-2.0
#include "model/perception/detector.h"

#include "absl/strings/str_cat.h"

#include "model/perception/nanodet.h"
#include "model/perception/rt_detr/rt_detr.h"

namespace mrmllm {

absl::StatusOr<std::shared_ptr<Detector>> MakeDetector(const DetectorConfig& config) {
  if (config.family == "nanodet") return NanoDet::Make(config);
  if (config.family == "rt_detr") return RtDetr::Make(config);
  return absl::InvalidArgumentError(
      absl::StrCat("detector.family: expected 'nanodet' or 'rt_detr', got '", config.family, "'"));
}

}  // namespace mrmllm
