// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_specs.h"

namespace mrmllm {

absl::Span<const InputSpec> InputSpecs() {
  static const auto* const specs = new std::vector<InputSpec>{
      {kImageInput, kBytes, {-1}},
      {kImageIdInput, kBytes, {-1}},
      {kQuestionInput, kBytes, {1}},
  };
  return *specs;
}

absl::Span<const OutputSpec> OutputSpecs() {
  static const auto* const specs = new std::vector<OutputSpec>{
      {Output::kBoxes, "boxes", kFp32, {-1, 4}, false},
      {Output::kScores, "scores", kFp32, {-1}, false},
      {Output::kLabels, "labels", kBytes, {-1}, false},
      {Output::kClassIds, "class_ids", kInt32, {-1}, false},
      {Output::kFinerLabels, "finer_labels", kBytes, {-1}, false},
      {Output::kImageIndex, "image_index", kInt32, {-1}, false},
      {Output::kImageSize, "image_size", kInt32, {-1, 2}, false},
      {Output::kImageId, "image_id", kBytes, {-1}, false},
      {Output::kAnswer, "answer", kBytes, {1}, true},
  };
  return *specs;
}

const OutputSpec& SpecOf(Output output) { return OutputSpecs()[static_cast<size_t>(output)]; }

}  // namespace mrmllm
