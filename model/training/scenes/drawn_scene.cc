// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/drawn_scene.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "model/training/scenes/settings.h"

namespace mrmllm {
namespace {

// The noise of a small detector.
constexpr double kMissed = 0.15;
constexpr double kDoubled = 0.03;
constexpr double kConfused = 0.05;
constexpr double kUnsure = 0.2;
constexpr double kPhantom = 0.25;  // an object that is not there, nearly always in doubt
constexpr double kColorKnown = 0.85;
constexpr double kFinerNameKnown = 0.55;
constexpr double kAnything = 0.25;  // scenes of classes that do not belong together
constexpr size_t kMaxDetections = 30;

constexpr std::string_view kColors[] = {"black", "white",  "red",  "green",  "yellow", "blue",
                                        "brown", "orange", "pink", "purple", "gray"};

bool Has(absl::Span<const std::string_view> labels, std::string_view label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

NormalizedBox DrawBox(const std::string& label, Random& random) {
  float low = 0.08f;
  float high = 0.5f;
  if (Has(kLargeClasses, label)) {
    low = 0.2f;
    high = 0.9f;
  } else if (Has(kSmallClasses, label)) {
    low = 0.03f;
    high = 0.25f;
  }
  // Small ones are more frequent: the square leans to the low end.
  const float lean = random.Between(0, 1);
  const float side = low + lean * lean * (high - low);
  const float stretch = random.Between(0.6f, 1.6f);
  const float width = std::min(side * stretch, 1.0f);
  const float height = std::min(side / stretch, 1.0f);
  const float left = random.Between(0, 1 - width);
  const float top = random.Between(0, 1 - height);
  return {left, top, left + width, top + height};
}

// Few more often than many.
int DrawCount(int max_count, Random& random) {
  const double lean = random.Uniform();
  return 1 + static_cast<int>(lean * lean * max_count);
}

std::vector<std::string> DrawLabels(const DetectorVocabulary& vocabulary, Random& random) {
  std::vector<std::string> labels;
  const auto add = [&](const std::string& label, int count) {
    labels.insert(labels.end(), static_cast<size_t>(count), label);
  };
  if (random.Chance(kAnything)) {
    constexpr size_t kMaxKinds = 6;
    constexpr int kMaxCount = 5;
    for (size_t kinds = 1 + random.Below(kMaxKinds); kinds > 0; --kinds) {
      add(random.Pick(vocabulary.labels), DrawCount(kMaxCount, random));
    }
    return labels;
  }
  std::vector<double> weights;
  for (const Setting& setting : kSettings) weights.push_back(setting.weight);
  for (const SettingObject& object : kSettings[random.PickWeighted(weights)].objects) {
    const bool known = std::find(vocabulary.labels.begin(), vocabulary.labels.end(),
                                 object.label) != vocabulary.labels.end();
    // A photo rarely shows all that could be there.
    constexpr double kShown = 0.85;
    if (known && random.Chance(object.chance * kShown)) {
      add(std::string(object.label), DrawCount(object.max_count, random));
    }
  }
  return labels;
}

Detection Detect(const DetectorVocabulary& vocabulary, const std::string& label,
                 const NormalizedBox& box, double unsure, Random& random) {
  Detection detection;
  detection.box = box;
  detection.label = random.Chance(kConfused) ? random.Pick(vocabulary.labels) : label;
  detection.class_id = static_cast<int>(
      std::find(vocabulary.labels.begin(), vocabulary.labels.end(), detection.label) -
      vocabulary.labels.begin());
  detection.sure = !random.Chance(unsure);
  detection.score = detection.sure
                        ? random.Between(vocabulary.sure_threshold, 0.95f)
                        : random.Between(vocabulary.unsure_threshold, vocabulary.sure_threshold);
  if (random.Chance(kColorKnown)) {
    detection.color = random.Pick(kColors);
    detection.color_score = random.Between(0.3f, 1.0f);
  }
  const auto finer = vocabulary.finer_names.find(detection.label);
  if (finer != vocabulary.finer_names.end() && random.Chance(kFinerNameKnown)) {
    detection.finer_label = random.Pick(finer->second);
    detection.finer_score = random.Between(vocabulary.finer_name_threshold, 1.0f);
  }
  return detection;
}

}  // namespace

DetectorVocabulary::DetectorVocabulary(const ModelConfig& config)
    : labels(config.detector.labels),
      unsure_threshold(config.detector.unsure_threshold),
      sure_threshold(config.detector.sure_threshold),
      finer_name_threshold(config.vision_encoder.finer_name_threshold) {
  for (const auto& [label, indices] : config.vision_encoder.finer_names) {
    for (const int index : indices) {
      finer_names[label].push_back(config.vision_encoder.labels[static_cast<size_t>(index)]);
    }
  }
}

std::vector<Detection> DrawScene(const DetectorVocabulary& vocabulary, Random& random) {
  std::vector<Detection> detections;
  for (const std::string& label : DrawLabels(vocabulary, random)) {
    const NormalizedBox box = DrawBox(label, random);
    if (random.Chance(kMissed)) continue;
    detections.push_back(Detect(vocabulary, label, box, kUnsure, random));
    if (random.Chance(kDoubled)) {
      detections.push_back(Detect(vocabulary, label, box, kUnsure, random));
    }
  }
  constexpr double kPhantomUnsure = 0.85;
  while (random.Chance(kPhantom)) {
    const std::string label = random.Pick(vocabulary.labels);
    const NormalizedBox box = DrawBox(label, random);
    detections.push_back(Detect(vocabulary, label, box, kPhantomUnsure, random));
  }
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (detections.size() > kMaxDetections) detections.resize(kMaxDetections);
  return detections;
}

}  // namespace mrmllm
