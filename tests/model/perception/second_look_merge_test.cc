// SPDX-License-Identifier: Apache-2.0
#include "model/perception/second_look_merge.h"

#include <gtest/gtest.h>

namespace mrmllm {
namespace {

constexpr int kPerson = 0;
constexpr int kDog = 1;

DetectorConfig Config() {
  DetectorConfig config;
  config.nms_iou_threshold = 0.6f;
  config.coincident_iou_threshold = 0.85f;
  config.candidate_threshold = 0.05f;
  config.unsure_threshold = 0.2f;
  config.sure_threshold = 0.3f;
  config.labels = {"person", "dog"};
  return config;
}

Detection Seen(const NormalizedBox& box, int class_id, float score) {
  return {.box = box,
          .class_id = class_id,
          .label = Config().labels[class_id],
          .score = score,
          .sure = score >= 0.3f};
}

// The top left quarter of the image.
constexpr NormalizedBox kQuarter{0, 0, 0.5f, 0.5f};

TEST(SecondLookMergeTest, AnObjectThatTheFirstLookMissedIsAdded) {
  const Detection dog = Seen({0.6f, 0.45f, 0.8f, 0.65f}, kDog, 0.7f);
  const MergedLooks merged = MergeLooks({}, {{{0.5f, 0.25f, 1, 0.75f}, {dog}}}, Config());
  ASSERT_EQ(merged.detections.size(), 1u);
  EXPECT_EQ(merged.detections[0].box, dog.box);
  EXPECT_TRUE(merged.detections[0].from_second_look);
  EXPECT_EQ(merged.added_count, 1);
  EXPECT_EQ(merged.changed_count, 0);
}

TEST(SecondLookMergeTest, NoRegionChangesNothing) {
  const Detection person = Seen({0.1f, 0.1f, 0.2f, 0.2f}, kPerson, 0.8f);
  const MergedLooks merged = MergeLooks({person}, {}, Config());
  ASSERT_EQ(merged.detections.size(), 1u);
  EXPECT_EQ(merged.detections[0].box, person.box);
  EXPECT_FALSE(merged.detections[0].from_second_look);
}

TEST(SecondLookMergeTest, ABoxCutByAnEdgeInsideTheImageIsDropped) {
  EXPECT_TRUE(MergeLooks({}, {{kQuarter, {Seen({0.3f, 0.3f, 0.5f, 0.45f}, kDog, 0.7f)}}}, Config())
                  .detections.empty());
}

TEST(SecondLookMergeTest, ABoxThatFillsARegionIsLeftToTheFirstLook) {
  const Detection large = Seen({0.05f, 0.05f, 0.45f, 0.45f}, kDog, 0.7f);
  EXPECT_TRUE(MergeLooks({}, {{kQuarter, {large}}}, Config()).detections.empty());
  EXPECT_EQ(MergeLooks({}, {{{0, 0, 0.9f, 0.9f}, {large}}}, Config()).detections.size(), 1u);
}

TEST(SecondLookMergeTest, ABoxAtTheImagesOwnEdgeStays) {
  EXPECT_EQ(MergeLooks({}, {{kQuarter, {Seen({0, 0, 0.2f, 0.3f}, kDog, 0.7f)}}}, Config())
                .detections.size(),
            1u);
}

TEST(SecondLookMergeTest, ABetterBoxReplacesTheFirstLooksAndKeepsItsNames) {
  Detection first = Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.4f);
  first.finer_label = "malamute";
  first.finer_score = 0.9f;
  first.color = "grey";
  first.color_score = 0.5f;
  const MergedLooks merged =
      MergeLooks({first}, {{kQuarter, {Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.6f)}}}, Config());
  ASSERT_EQ(merged.detections.size(), 1u);
  EXPECT_TRUE(merged.detections[0].from_second_look);
  EXPECT_EQ(merged.detections[0].score, 0.6f);
  EXPECT_EQ(merged.detections[0].finer_label, "malamute");
  EXPECT_EQ(merged.detections[0].color, "grey");
  EXPECT_EQ(merged.added_count, 0);
  EXPECT_EQ(merged.changed_count, 1);
}

TEST(SecondLookMergeTest, AWorseBoxOfTheSameObjectIsDropped) {
  const Detection first = Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.6f);
  const MergedLooks merged =
      MergeLooks({first}, {{kQuarter, {Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.5f)}}}, Config());
  ASSERT_EQ(merged.detections.size(), 1u);
  EXPECT_FALSE(merged.detections[0].from_second_look);
  EXPECT_EQ(merged.changed_count, 0);
}

TEST(SecondLookMergeTest, OneObjectUnderTwoClassesIsToldOnce) {
  const Detection first = Seen({0.1f, 0.1f, 0.2f, 0.2f}, kPerson, 0.5f);
  const MergedLooks merged =
      MergeLooks({first}, {{kQuarter, {Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.6f)}}}, Config());
  ASSERT_EQ(merged.detections.size(), 1u);
  EXPECT_EQ(merged.detections[0].label, "dog");
  EXPECT_EQ(merged.changed_count, 1);
}

TEST(SecondLookMergeTest, NeighbouringRegionsTellAnObjectInBothOnce) {
  const MergedLooks merged =
      MergeLooks({},
                 {{{0, 0, 0.5f, 1}, {Seen({0.35f, 0.4f, 0.45f, 0.6f}, kDog, 0.6f)}},
                  {{0.25f, 0, 0.75f, 1}, {Seen({0.35f, 0.4f, 0.45f, 0.6f}, kDog, 0.5f)}}},
                 Config());
  EXPECT_EQ(merged.detections.size(), 1u);
  EXPECT_EQ(merged.added_count, 1);
}

TEST(SecondLookMergeTest, BestScoreFirst) {
  const Detection first = Seen({0.6f, 0.6f, 0.9f, 0.9f}, kPerson, 0.5f);
  const MergedLooks merged = MergeLooks(
      {first},
      {{kQuarter,
        {Seen({0.1f, 0.1f, 0.2f, 0.2f}, kDog, 0.7f), Seen({0.3f, 0.3f, 0.4f, 0.4f}, kDog, 0.1f)}}},
      Config());
  ASSERT_EQ(merged.detections.size(), 3u);
  EXPECT_EQ(merged.detections[0].score, 0.7f);
  EXPECT_EQ(merged.detections[1].score, 0.5f);
  EXPECT_EQ(merged.detections[2].score, 0.1f);
  EXPECT_EQ(merged.added_count, 1) << "an unsure box is no object yet";
}

}  // namespace
}  // namespace mrmllm
