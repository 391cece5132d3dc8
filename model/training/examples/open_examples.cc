// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/open_examples.h"

#include <utility>

#include "base/status_macros.h"
#include "model/training/examples/coco_boxes.h"
#include "model/training/examples/mixed_examples.h"
#include "model/training/scenes/scene_examples.h"

namespace mrmllm {
namespace {

using Split = JsonlExamples::Split;

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenJsonl(const SourceRecipe& source,
                                                         const ModelConfig& config,
                                                         const PerceptionPrompt& prompt,
                                                         Split split, uint64_t seed) {
  JsonlExamples::Options options{.held_out = source.held_out, .split = split, .seed = seed};
  if (!source.annotations.empty()) {
    ASSIGN_OR_RETURN(options.boxes, LoadCocoBoxes(source.annotations, config.detector.labels));
  }
  return JsonlExamples::Load(source.path, config, prompt, options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenExamples(
    const Recipe& recipe, const ModelConfig& config,
    const std::shared_ptr<const Tokenizer>& tokenizer, Split split) {
  const PerceptionPrompt prompt(config.prompt, config.detector.labels, tokenizer);
  std::vector<MixedExamples::Part> parts;
  // Each source has a course of its own, and evaluation another than training.
  uint64_t seed = 2 * recipe.seed + (split == Split::kHeldOut ? 1 : 0);
  for (const SourceRecipe& source : recipe.sources) {
    seed += 0x9e3779b97f4a7c15;
    if (source.kind == "scenes") {
      parts.push_back({std::make_unique<SceneExamples>(config, tokenizer, seed), source.weight});
      continue;
    }
    if (split == Split::kHeldOut && source.held_out == 0) continue;
    ASSIGN_OR_RETURN(auto examples, OpenJsonl(source, config, prompt, split, seed));
    parts.push_back({std::move(examples), source.weight});
  }
  if (parts.empty()) {
    return absl::InvalidArgumentError("sources: expected one that holds something out, got none");
  }
  return std::make_unique<MixedExamples>(std::move(parts), seed);
}

}  // namespace mrmllm
