// SPDX-License-Identifier: Apache-2.0
#include "model/perception/box_ops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mrmllm {
namespace {

// Boxes on a grid of 12, best score first.
std::vector<ScoredBox> RandomBoxes(std::mt19937& random, int count) {
  std::vector<ScoredBox> boxes;
  for (int i = 0; i < count; ++i) {
    const auto x = static_cast<float>(random() % 9), y = static_cast<float>(random() % 9);
    const NormalizedBox box{x, y, x + 1 + random() % 3, y + 1 + random() % 3};
    boxes.push_back({box, static_cast<int>(random() % 3), (random() % 1'000) / 1'000.0f});
  }
  std::stable_sort(boxes.begin(), boxes.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return boxes;
}

// By counting the unit cells of the grid that each box covers.
float CountedOverlap(const NormalizedBox& a, const NormalizedBox& b) {
  int both = 0, either = 0;
  for (float x = 0.5f; x < 12; ++x) {
    for (float y = 0.5f; y < 12; ++y) {
      const auto inside = [&](const NormalizedBox& box) {
        return x > box.x_min && x < box.x_max && y > box.y_min && y < box.y_max;
      };
      both += inside(a) && inside(b);
      either += inside(a) || inside(b);
    }
  }
  return static_cast<float>(both) / static_cast<float>(either);
}

// The definition read literally: a box stays if no better box that stayed suppresses it.
template <typename Suppresses>
std::vector<float> StayingScores(const std::vector<ScoredBox>& boxes, Suppresses suppresses) {
  std::vector<bool> stays(boxes.size(), true);
  std::vector<float> scores;
  for (size_t i = 0; i < boxes.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (stays[j] && suppresses(boxes[j], boxes[i])) stays[i] = false;
    }
    if (stays[i]) scores.push_back(boxes[i].score);
  }
  return scores;
}

std::vector<float> Scores(const std::vector<ScoredBox>& boxes) {
  std::vector<float> scores;
  for (const ScoredBox& box : boxes) scores.push_back(box.score);
  return scores;
}

TEST(BoxOpsTest, OverlapEqualsCountedCells) {
  std::mt19937 random(1);
  const auto boxes = RandomBoxes(random, 60);
  for (const ScoredBox& a : boxes) {
    for (const ScoredBox& b : boxes) {
      EXPECT_NEAR(IntersectionOverUnion(a.box, b.box), CountedOverlap(a.box, b.box), 1e-6);
    }
  }
}

TEST(BoxOpsTest, BoxesWithoutAreaOverlapNothing) {
  EXPECT_EQ(IntersectionOverUnion({1, 1, 1, 1}, {1, 1, 1, 1}), 0);
  EXPECT_EQ(IntersectionOverUnion({0, 0, 2, 0}, {0, 0, 2, 2}), 0);
}

TEST(BoxOpsTest, SuppressionWithinClassesEqualsItsDefinition) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const auto boxes = RandomBoxes(random, 40);
    const auto expected = StayingScores(boxes, [](const ScoredBox& better, const ScoredBox& box) {
      return better.class_id == box.class_id && CountedOverlap(better.box, box.box) > 0.3f;
    });
    ASSERT_EQ(Scores(SuppressWithinClasses(boxes, 0.3f)), expected) << round;
  }
}

TEST(BoxOpsTest, AThresholdOfOneSuppressesNothing) {
  const NormalizedBox box{0.1f, 0.2f, 0.7f, 0.9f};
  const std::vector<ScoredBox> boxes = {{box, 3, 0.9f}, {box, 3, 0.8f}, {box, 5, 0.7f}};
  EXPECT_EQ(SuppressWithinClasses(boxes, 1).size(), 3u);
  EXPECT_EQ(SuppressCoincident(boxes, 1, 0.2f).size(), 3u);
  EXPECT_EQ(SuppressCoincident(boxes, 0.99f, 0.2f).size(), 2u);
}

TEST(BoxOpsTest, SuppressionOfCoincidentBoxesEqualsItsDefinition) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const auto boxes = RandomBoxes(random, 40);
    const auto expected = StayingScores(boxes, [](const ScoredBox& better, const ScoredBox& box) {
      return better.class_id != box.class_id && box.score >= 0.2f &&
             CountedOverlap(better.box, box.box) >= 0.45f;
    });
    ASSERT_EQ(Scores(SuppressCoincident(boxes, 0.45f, 0.2f)), expected) << round;
  }
}

TEST(BoxOpsTest, ASharpDistributionPutsTheSidesWhereItSays) {
  constexpr int kBins = 5;
  // 2 x 3 cells of stride 10; of every side, all probability on one bin: 0, 1, 2 and 3.
  at::Tensor logits = at::full({1, 6, 4, kBins}, -100.0f);
  for (int64_t side = 0; side < 4; ++side) logits.select(2, side).select(2, side).fill_(100.0f);
  const at::Tensor boxes = DecodeDistribution(logits.flatten(2), {2, 3, 10});
  EXPECT_EQ(boxes.sizes(), (at::IntArrayRef{1, 6, 4}));
  // The second cell of the second row has its centre at 15, 15: left 0, top 10, right 20, bottom 30
  // away, cut off at 30 x 20.
  EXPECT_TRUE(at::allclose(boxes[0][4], at::tensor({15.f, 5.f, 30.f, 20.f}), 1e-4, 1e-4));
}

TEST(BoxOpsTest, AFlatDistributionMeansTheMiddleBin) {
  const at::Tensor boxes = DecodeDistribution(at::zeros({2, 100, 4 * 3}), {10, 10, 8});
  // One stride to each side of the centre.
  EXPECT_TRUE(at::allclose(boxes[1][55], at::tensor({36.f, 36.f, 52.f, 52.f}), 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(boxes[1][0], at::tensor({0.f, 0.f, 12.f, 12.f}), 1e-4, 1e-4));
}

TEST(BoxOpsTest, OnePlaceDecodesAsAllDo) {
  const PyramidLevel level{3, 5, 16};
  const at::Tensor logits = at::randn({1, 15, 4 * 11}) * 3;
  const at::Tensor boxes = DecodeDistribution(logits, level);
  for (int64_t place = 0; place < 15; ++place) {
    const NormalizedBox box = DecodeBox({logits[0][place].data_ptr<float>(), 44}, level, place);
    EXPECT_TRUE(at::allclose(boxes[0][place],
                             at::tensor({box.x_min, box.y_min, box.x_max, box.y_max}), 1e-4, 1e-3))
        << place;
  }
}

}  // namespace
}  // namespace mrmllm
