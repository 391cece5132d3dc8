// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/drawn_scene.h"

#include <algorithm>
#include <set>

#include "gtest/gtest.h"
#include "model/training/scenes/settings.h"
#include "tests/model/training/scenes/bundle_config.h"

namespace mrmllm {
namespace {

TEST(DrawnSceneTest, DrawsWhatTheDetectorCouldSay) {
  const DetectorVocabulary vocabulary(BundleConfig());
  Random random(7);
  std::set<std::string> labels;
  for (int i = 0; i < 2000; ++i) {
    float last_score = 1;
    for (const Detection& detection : DrawScene(vocabulary, random)) {
      labels.insert(detection.label);
      ASSERT_EQ(vocabulary.labels.at(static_cast<size_t>(detection.class_id)), detection.label);
      EXPECT_EQ(detection.sure, detection.score >= vocabulary.sure_threshold);
      EXPECT_GE(detection.score, vocabulary.unsure_threshold);
      EXPECT_LE(detection.score, last_score);
      last_score = detection.score;
      EXPECT_GE(detection.box.x_min, 0);
      EXPECT_LE(detection.box.y_max, 1.0001f);
      EXPECT_GT(detection.box.area(), 0);
      if (detection.finer_label.empty()) continue;
      const std::vector<std::string>& names = vocabulary.finer_names.at(detection.label);
      EXPECT_NE(std::find(names.begin(), names.end(), detection.finer_label), names.end());
    }
  }
  EXPECT_EQ(labels.size(), vocabulary.labels.size());
}

TEST(DrawnSceneTest, IsTheSameForASeed) {
  const DetectorVocabulary vocabulary(BundleConfig());
  Random random(7);
  Random same(7);
  for (int i = 0; i < 20; ++i) {
    const std::vector<Detection> a = DrawScene(vocabulary, random);
    const std::vector<Detection> b = DrawScene(vocabulary, same);
    ASSERT_EQ(a.size(), b.size());
    for (size_t k = 0; k < a.size(); ++k) EXPECT_EQ(a[k].box, b[k].box);
  }
}

TEST(SettingsTest, NamesOnlyClassesOfTheDetector) {
  const DetectorVocabulary vocabulary(BundleConfig());
  const std::set<std::string> labels(vocabulary.labels.begin(), vocabulary.labels.end());
  for (const Setting& setting : kSettings) {
    for (const SettingObject& object : setting.objects) {
      EXPECT_TRUE(object.label.empty() || labels.contains(std::string(object.label)))
          << object.label;
    }
  }
  for (const std::string_view label : kLargeClasses)
    EXPECT_TRUE(labels.contains(std::string(label)));
  for (const std::string_view label : kSmallClasses)
    EXPECT_TRUE(labels.contains(std::string(label)));
}

// The language defines the generator's sequence; this is its start for seed 1.
TEST(RandomTest, IsPortable) {
  Random random(1);
  EXPECT_DOUBLE_EQ(random.Uniform(), 0.13387664401253263);
}

}  // namespace
}  // namespace mrmllm
