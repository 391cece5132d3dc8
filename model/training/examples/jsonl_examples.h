// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_EXAMPLES_JSONL_EXAMPLES_H_
#define MRMLLM_MODEL_TRAINING_EXAMPLES_JSONL_EXAMPLES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/detection.h"
#include "model/config.h"
#include "model/prompt/perception_prompt.h"
#include "model/training/training_example.h"

namespace mrmllm {

// Examples from a file with one JSON object a line:
//
//   {"turns": [{"role": "user", "text": "Is there a dog?"}], "answer": "Yes, there is a dog.",
//    "detections": [{"label": "dog", "score": 0.8, "box": [0.1, 0.2, 0.5, 0.9]}]}
//   {"turns": [...], "answer": "...", "image_id": 139}
//
// With detections (boxes in fractions of the image: x_min, y_min, x_max, y_max), or an image_id of
// the given boxes, the last turn is put as it is served: behind the perception prompt, after the
// bundle's system turn unless the line has its own. Without either it stays as it is.
//
// The lines come in a new order each time all have been seen.
class JsonlExamples : public ExampleSource {
 public:
  enum class Split { kTraining, kHeldOut };
  struct Options {
    double held_out = 0;  // the part of the lines that kHeldOut has, spread over the file
    Split split = Split::kTraining;
    uint64_t seed = 0;
    std::map<int64_t, std::vector<Detection>> boxes;  // by image_id
  };

  // Errors: NOT_FOUND for the file; INVALID_ARGUMENT "PATH:LINE: KEY: expected ..., got ...", and
  // for a split without any line.
  static absl::StatusOr<std::unique_ptr<JsonlExamples>> Load(const std::string& path,
                                                             const ModelConfig& config,
                                                             const PerceptionPrompt& prompt,
                                                             const Options& options);

  TrainingExample Next() override;

  size_t size() const { return examples_.size(); }

 private:
  JsonlExamples(std::vector<TrainingExample> examples, uint64_t seed);

  std::vector<TrainingExample> examples_;
  std::vector<size_t> order_;
  size_t next_;
  std::mt19937_64 random_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_EXAMPLES_JSONL_EXAMPLES_H_
