// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_EXAMPLES_OPEN_EXAMPLES_H_
#define MRMLLM_MODEL_TRAINING_EXAMPLES_OPEN_EXAMPLES_H_

#include <memory>

#include "absl/status/statusor.h"

#include "model/config.h"
#include "model/text/tokenizer.h"
#include "model/training/examples/jsonl_examples.h"
#include "model/training/recipe.h"

namespace mrmllm {

// The sources of a recipe, mixed as it says: for training, or what is held out for evaluation.
//
// Ownership: shares the tokenizer. Errors: as JsonlExamples::Load and LoadCocoBoxes; a jsonl source
// that holds nothing out has no part in evaluation, and INVALID_ARGUMENT when none has.
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenExamples(
    const Recipe& recipe, const ModelConfig& config,
    const std::shared_ptr<const Tokenizer>& tokenizer, JsonlExamples::Split split);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_EXAMPLES_OPEN_EXAMPLES_H_
