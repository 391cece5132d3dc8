// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_PROMPT_DETECTIONS_H_
#define MRMLLM_TESTS_MODEL_PROMPT_DETECTIONS_H_

#include <string>

#include "base/detection.h"

namespace mrmllm {

// A sure detection in the middle of the image.
inline Detection Sure(const std::string& label, float score = 0.8f) {
  Detection detection;
  detection.box = {0.4f, 0.4f, 0.6f, 0.6f};
  detection.label = label;
  detection.score = score;
  detection.sure = true;
  return detection;
}

inline Detection Unsure(const std::string& label) {
  Detection detection = Sure(label, 0.25f);
  detection.sure = false;
  return detection;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_PROMPT_DETECTIONS_H_
