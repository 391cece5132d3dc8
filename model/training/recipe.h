// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_RECIPE_H_
#define MRMLLM_MODEL_TRAINING_RECIPE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "model/config.h"

namespace mrmllm {

// Where a share of the examples comes from.
struct SourceRecipe {
  std::string name;
  std::string kind;         // "scenes": drawn scenes; "jsonl": a file of the user's
  double weight = 0;        // examples are drawn in proportion to it
  std::string path;         // jsonl: the file
  std::string annotations;  // jsonl, optional: a COCO instances file, for lines with an image_id
  double held_out = 0;      // jsonl: the part of its lines that evaluation has for itself, [0, 0.5]
};

// How a run trains: a YAML file, one struct a part; members carry the file's key names. Parsed
// strictly: a missing or unknown key and a value out of range are errors that name the key.
// docs/train.md describes every key.
struct Recipe {
  struct Optimizer {
    double learning_rate = 0;  // at its highest, after the warm-up
    int warmup_steps = 0;
    double weight_decay = 0;
    double clip_norm = 0;  // gradients longer than this are shortened to it
  };
  struct Batch {
    int tokens = 0;           // of one step
    int tokens_at_once = 0;   // of one pass: what bounds the memory
    int sequence_tokens = 0;  // longer examples are left out
  };
  struct Evaluation {
    int every_steps = 0;
    int examples = 0;
  };

  std::string trains;   // "language_adapters"
  std::string compute;  // "bfloat16" or "float32"
  uint64_t seed = 0;
  int threads = 0;
  int steps = 0;
  int checkpoint_every_steps = 0;
  AdapterConfig adapters;
  Optimizer optimizer;
  Batch batch;
  Evaluation evaluation;
  std::string bundle;  // directory
  // Takes the place of the bundle's prompt.system, which then belongs into its config.json together
  // with the adapters; optional, empty: the bundle's stays.
  std::string system;
  std::vector<SourceRecipe> sources;

  // Of all that decides the course of a run: a checkpoint is resumed only under the recipe that it
  // was made under, and more steps are another course since the learning rate falls towards the
  // end.
  uint64_t fingerprint = 0;

  // Errors: NOT_FOUND for the file; INVALID_ARGUMENT "RECIPE: KEY: expected ..., got ...".
  static absl::StatusOr<Recipe> Load(const std::string& path);
  // Paths in the recipe are relative to `folder`.
  static absl::StatusOr<Recipe> Parse(const std::string& yaml, const std::string& folder);
};

// The learning rate of a step, counted from 0: up in a straight line over the warm-up, then down
// along half a cosine to a tenth.
double LearningRate(const Recipe& recipe, int step);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_RECIPE_H_
