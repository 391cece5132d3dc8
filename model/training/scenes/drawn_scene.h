// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_DRAWN_SCENE_H_
#define MRMLLM_MODEL_TRAINING_SCENES_DRAWN_SCENE_H_

#include <map>
#include <string>
#include <vector>

#include "base/detection.h"
#include "model/config.h"
#include "model/training/scenes/random.h"

namespace mrmllm {

// What a detector may say of an object: the bundle's classes, thresholds and finer names.
struct DetectorVocabulary {
  explicit DetectorVocabulary(const ModelConfig& config);

  std::vector<std::string> labels;
  std::map<std::string, std::vector<std::string>>
      finer_names;  // by label; only those that have any
  float unsure_threshold;
  float sure_threshold;
  float finer_name_threshold;
};

// What the detector would say of a made-up photo: objects that belong together (settings.h) or, one
// time in four, any; some missed, doubled, taken for another class or in doubt, as detectors do.
// Best score first; may be empty.
std::vector<Detection> DrawScene(const DetectorVocabulary& vocabulary, Random& random);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_DRAWN_SCENE_H_
