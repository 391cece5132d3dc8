// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_PERCEPTION_SETTINGS_H_
#define MRMLLM_BASE_PERCEPTION_SETTINGS_H_

#include <optional>
#include <string>
#include <vector>

namespace mrmllm {

// The model's three mechanisms, each of which can be switched off to measure what it brings.
struct Mechanisms {
  bool query_fusion = true;  // comprehension reinforces perception: Vf_p' (shared query fusion)
  bool decoder_integration = true;  // H(n+1) = L_n(H(n), V_proj + P_proj)
  bool perception_prompt = true;    // T' = prompt(T, detections)

  bool operator==(const Mechanisms&) const = default;
};

// When parts of an image are looked at again, larger.
enum class SecondLookMode {
  kOff,
  kAutomatic,  // where the question or the wanted classes name what to look for
  kAlways,     // at max_crops parts of every image, those with reasons first
};

struct SecondLookSettings {
  SecondLookMode mode = SecondLookMode::kOff;
  int max_crops = 4;  // an image, [1, 16]

  bool operator==(const SecondLookSettings&) const = default;
};

// What a caller wants of perception.
struct PerceptionSettings {
  bool enabled = true;                   // Ask only: false answers without looking for objects
  std::optional<float> score_threshold;  // [0, 1]; absent: the bundle's sure threshold
  int max_objects = 100;                 // [1, 300]
  std::vector<std::string> classes;      // detector labels to keep; empty: all
  Mechanisms mechanisms;
  SecondLookSettings second_look;
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_PERCEPTION_SETTINGS_H_
