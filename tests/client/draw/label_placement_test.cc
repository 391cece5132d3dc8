// SPDX-License-Identifier: Apache-2.0
#include "client/draw/label_placement.h"

#include <random>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr PixelSize kPicture{640, 480};
constexpr PixelSize kLabel{80, 18};

std::vector<LabelRequest> RandomRequests(int count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<LabelRequest> requests;
  for (int i = 0; i < count; ++i) {
    const int x = static_cast<int>(random() % 600);
    const int y = static_cast<int>(random() % 440);
    const int width = 1 + static_cast<int>(random() % (640 - x));
    const int height = 1 + static_cast<int>(random() % (480 - y));
    requests.push_back({{x, y, width, height}, {40 + static_cast<int>(random() % 80), 18}});
  }
  return requests;
}

bool IsInside(const PixelRect& rect, PixelSize picture) {
  return rect.x >= 0 && rect.y >= 0 && rect.right() <= picture.width &&
         rect.bottom() <= picture.height;
}

TEST(PlaceLabelsTest, PutsALabelAboveItsBox) {
  const auto places = PlaceLabels({{{100, 100, 200, 150}, kLabel}}, kPicture);
  EXPECT_EQ(places[0], (PixelRect{100, 82, 80, 18}));
}

TEST(PlaceLabelsTest, PutsALabelInsideWhereThereIsNoRoomAbove) {
  const auto places = PlaceLabels({{{100, 5, 200, 150}, kLabel}}, kPicture);
  EXPECT_EQ(places[0], (PixelRect{100, 5, 80, 18}));
}

TEST(PlaceLabelsTest, KeepsALabelInsideThePicture) {
  const auto places = PlaceLabels({{{630, 100, 10, 50}, kLabel}}, kPicture);
  EXPECT_EQ(places[0].right(), kPicture.width);
}

TEST(PlaceLabelsTest, GivesTheSameBoxTwoPlaces) {
  const LabelRequest request{{100, 100, 200, 150}, kLabel};
  const auto places = PlaceLabels({request, request}, kPicture);
  EXPECT_EQ(SharedPixels(places[0], places[1]), 0);
}

TEST(PlaceLabelsTest, DoesNotHideASmallObject) {
  const PixelRect small{100, 84, 60, 14};
  const auto places = PlaceLabels({{{100, 100, 200, 150}, kLabel}, {small, kLabel}}, kPicture);
  EXPECT_EQ(SharedPixels(places[0], small), 0);
}

TEST(PlaceLabelsTest, NeverOverlapsWhereThereIsRoom) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    const auto places = PlaceLabels(RandomRequests(40, seed), kPicture);
    for (size_t i = 0; i < places.size(); ++i) {
      EXPECT_TRUE(IsInside(places[i], kPicture)) << "seed " << seed << ", label " << i;
      for (size_t j = 0; j < i; ++j) {
        EXPECT_EQ(SharedPixels(places[i], places[j]), 0)
            << "seed " << seed << ": " << i << ", " << j;
      }
    }
  }
}

TEST(PlaceLabelsTest, PlacesEveryLabelEvenWithoutRoom) {
  const PixelSize tiny{60, 40};
  std::vector<LabelRequest> requests(20, {{5, 5, 20, 20}, {50, 18}});
  for (const PixelRect& place : PlaceLabels(requests, tiny)) EXPECT_TRUE(IsInside(place, tiny));
}

}  // namespace
}  // namespace mrmllm
