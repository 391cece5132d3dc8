// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/null_engine.h"

#include <utility>

namespace mrmllm {
namespace {

constexpr int kObjects = 5;
constexpr int kPromptTokens = 1;

class NullSequence : public Sequence {
 public:
  int pending_prompt_tokens() const override { return kPromptTokens; }
  TokenUsage usage() const override { return {.prompt_tokens = kPromptTokens, .answer_tokens = 1}; }
  size_t cache_bytes() const override { return 0; }
};

StepResult WholeAnswer() {
  return {.produced_token = true, .text = "Two dogs.", .finish = FinishReason::kStop};
}

}  // namespace

NullEngine::NullEngine()
    : info_{.model_name = "null",
            .model_version = "1",
            .labels = {"dog", "person"},
            .candidate_threshold = 0.05f,
            .sure_threshold = 0.3f,
            .context_tokens = 8192,
            .max_detail_side = 640,
            .detector_input = {.size = 416, .resize = ImageSpec::Resize::kLetterbox},
            .encoder_input = {.size = 224, .resize = ImageSpec::Resize::kStretch},
            .device = "none",
            .dtype = "none"} {
  for (int i = 0; i < kObjects; ++i) {
    const float corner = 0.1f * static_cast<float>(i);
    detections_.push_back({.box = {corner, corner, corner + 0.3f, corner + 0.4f},
                           .class_id = i % 2,
                           .label = info_.labels[i % 2],
                           .score = 0.9f - corner,
                           .sure = true});
  }
}

int NullEngine::EstimatePromptTokens(int image_count, size_t text_bytes) const {
  (void)image_count;
  (void)text_bytes;
  return kPromptTokens;
}

std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> NullEngine::Perceive(
    absl::Span<const PerceiveItem> items) {
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
  for (const PerceiveItem& item : items) {
    auto perception = std::make_shared<Perception>();
    perception->width = item.image->width;
    perception->height = item.image->height;
    perception->query_fusion = item.query_fusion;
    perception->detections = detections_;
    results.emplace_back(std::move(perception));
  }
  return results;
}

absl::StatusOr<std::unique_ptr<Sequence>> NullEngine::StartSequence(const AnswerInput& input) {
  (void)input;
  return std::make_unique<NullSequence>();
}

std::vector<absl::StatusOr<StepResult>> NullEngine::Prefill(absl::Span<const PrefillItem> items) {
  return {items.size(), WholeAnswer()};
}

std::vector<absl::StatusOr<StepResult>> NullEngine::Decode(absl::Span<Sequence* const> sequences) {
  return {sequences.size(), WholeAnswer()};
}

}  // namespace mrmllm
