// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/places.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::IsEmpty;

constexpr std::optional<int> kAny = std::nullopt;

Place OnlyPlace(const std::string& text) {
  const std::vector<PlacePhrase> places = FindPlaces(WordsOfAnswer(text));
  EXPECT_EQ(places.size(), 1u) << text;
  return places.empty() ? Place{} : places[0].place;
}

TEST(FindPlacesTest, ReadsPartsOfTheImage) {
  const struct {
    const char* text;
    Place place;
  } kTable[] = {
      {"on the left", {-1, kAny}},
      {"on the right side of the image", {1, kAny}},
      {"on the far right", {1, kAny}},
      {"on the left-hand side", {-1, kAny}},
      {"in the top left corner", {-1, -1}},
      {"in the lower right of it", {1, 1}},
      {"at the bottom", {kAny, 1}},
      {"in the middle", {0, 0}},
      {"in the center of the picture", {0, 0}},
      {"in the middle left", {-1, 0}},
      {"is at the top and", {kAny, -1}},
  };
  for (const auto& row : kTable) EXPECT_EQ(OnlyPlace(row.text), row.place) << row.text;
}

TEST(FindPlacesTest, ReadsRelations) {
  for (const char* text : {"left of the dog", "to the left of the dog"}) {
    const std::vector<AnswerWord> words = WordsOfAnswer(text);
    const std::vector<PlacePhrase> places = FindPlaces(words);
    ASSERT_EQ(places.size(), 1u) << text;
    EXPECT_TRUE(places[0].to_another) << text;
    EXPECT_EQ(places[0].place, (Place{-1, kAny})) << text;
    EXPECT_EQ(words[places[0].end].text, "the") << text;
  }
  EXPECT_EQ(OnlyPlace("above the table"), (Place{kAny, -1}));
}

TEST(FindPlacesTest, PartsOfThingsAndDenialsAreNoPlaces) {
  for (const char* text :
       {"in the right hand", "on the left side of the couch", "on top of the table",
        "right next to", "not on the left", "looks to the left", "in the middle of the road",
        "all right", "on the couch", "the top"}) {
    EXPECT_THAT(FindPlaces(WordsOfAnswer(text)), IsEmpty()) << text;
  }
}

NormalizedBox Around(float x, float y) { return {x - 0.05f, y - 0.05f, x + 0.05f, y + 0.05f}; }

TEST(LiesAtTest, IsGenerous) {
  EXPECT_TRUE(LiesAt(Around(0.45f, 0.9f), {-1, kAny}));
  EXPECT_FALSE(LiesAt(Around(0.55f, 0.9f), {-1, kAny}));
  EXPECT_TRUE(LiesAt(Around(0.3f, 0.6f), {0, 0}));
  EXPECT_FALSE(LiesAt(Around(0.1f, 0.5f), {0, 0}));
  EXPECT_FALSE(LiesAt(Around(0.9f, 0.9f), {1, -1}));
}

TEST(LiesToTest, ComparesCenters) {
  EXPECT_TRUE(LiesTo(Around(0.2f, 0.5f), {-1, kAny}, Around(0.3f, 0.1f)));
  EXPECT_FALSE(LiesTo(Around(0.4f, 0.5f), {-1, kAny}, Around(0.3f, 0.1f)));
  EXPECT_TRUE(LiesTo(Around(0.4f, 0.5f), {kAny, 1}, Around(0.3f, 0.1f)));
}

}  // namespace
}  // namespace mrmllm
