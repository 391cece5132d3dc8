// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/image_intake.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr ImageIntake::Intent kAlice{.tenant = "alice"};
constexpr ImageIntake::Intent kBob{.tenant = "bob"};

class ImageIntakeTest : public testing::Test {
 protected:
  static ImageSource Source(std::string_view bytes) {
    return {.field = "images[2]", .from = EncodedImage{bytes}};
  }
  static std::shared_ptr<Perception> Seen() { return std::make_shared<Perception>(); }

  FakeClock clock_;
  FakeEngine engine_;
  const ImageDecoder decoder_{{.max_bytes = 1000, .max_pixels = 10'000, .max_side = 5000},
                              engine_.info().detector_input,
                              engine_.info().encoder_input,
                              64};
  std::unique_ptr<FeatureCache> cache_ = FeatureCache::Create({}, &clock_);
  const ImageIntake intake_{&decoder_, cache_.get(), ImageKey(engine_.info(), "secret")};
  // The id under which the picture is known after alice has had it perceived.
  std::string Remembered() {
    auto image = intake_.Check(Source(picture_), kAlice);
    EXPECT_OK(intake_.Load(Source(picture_), kAlice, &*image));
    intake_.Remember(kAlice, &*image, Seen());
    return image->image_id;
  }
  static ImageSource Known(const std::string& image_id) {
    return {.field = "images[0]", .from = KnownImage{image_id}};
  }

  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
};

TEST_F(ImageIntakeTest, CheckReadsOnlyTheSize) {
  const auto image = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(image);
  EXPECT_EQ(image->pixels, 96);
  EXPECT_EQ(image->input, nullptr);
}

TEST_F(ImageIntakeTest, ErrorsNameTheField) {
  EXPECT_THAT(intake_.Check(Source(""), kAlice),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("images[2].content: ")));
  EXPECT_THAT(intake_.Check(Source(PngHeaderClaiming(30'000, 30'000, 0)), kAlice),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("images[2].content: ")));
  const ImageSource raw{.field = "images[0]", .from = RawPixels{.width = 2, .height = 2}};
  EXPECT_THAT(intake_.Check(raw, kAlice),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("images[0].raw: ")));
}

TEST_F(ImageIntakeTest, LoadDecodesANewImageAndGivesItAnId) {
  auto image = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(intake_.Load(Source(picture_), kAlice, &*image));
  ASSERT_NE(image->input, nullptr);
  EXPECT_EQ(image->input->width, 12);
  EXPECT_EQ(image->perception, nullptr);
  EXPECT_EQ(image->image_id.size(), 64u);
}

TEST_F(ImageIntakeTest, TheSameContentIsRemembered) {
  auto first = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(intake_.Load(Source(picture_), kAlice, &*first));
  const auto seen = Seen();
  intake_.Remember(kAlice, &*first, seen);
  auto again = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(intake_.Load(Source(picture_), kAlice, &*again));
  EXPECT_EQ(again->perception, seen);
}

TEST_F(ImageIntakeTest, AKnownIdNeedsNoDecoding) {
  auto first = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(intake_.Load(Source(picture_), kAlice, &*first));
  intake_.Remember(kAlice, &*first, Seen());
  const ImageSource known{.field = "images[0]", .from = KnownImage{first->image_id}};
  const auto image = intake_.Check(known, kAlice);
  ASSERT_OK(image);
  EXPECT_EQ(image->pixels, 0);
  EXPECT_NE(image->perception, nullptr);
}

TEST_F(ImageIntakeTest, AKnownIdSeenWithoutFusionIsPerceivedAgain) {
  auto first = intake_.Check(Source(picture_), kAlice);
  ASSERT_OK(intake_.Load(Source(picture_), kAlice, &*first));
  intake_.Remember(kAlice, &*first, Seen());
  const auto image = intake_.Check({.field = "images[0]", .from = KnownImage{first->image_id}},
                                   {.tenant = "alice", .query_fusion = false});
  ASSERT_OK(image);
  EXPECT_EQ(image->perception, nullptr);
  EXPECT_NE(image->input, nullptr);
}

class SecondLookIntakeTest : public ImageIntakeTest {
 protected:
  static constexpr SecondLookSettings kTwice{SecondLookMode::kAutomatic, 4};
  static ImageIntake::Intent With(SecondLookSettings settings, bool guided = false) {
    return {.tenant = "alice", .second_look = settings, .guided = guided};
  }
  ImageIntake::TakenImage Take(const ImageSource& source, const ImageIntake::Intent& intent) {
    auto image = intake_.Check(source, intent);
    EXPECT_OK(image);
    EXPECT_OK(intake_.Load(source, intent, &*image));
    return *std::move(image);
  }
  // The picture comes, is looked at once and then again; both looks are remembered.
  std::string LookTwice(bool guided) {
    ImageIntake::TakenImage image = Take(Source(picture_), With(kTwice, guided));
    intake_.Remember(With(kTwice, guided), &image, first_);
    intake_.Remember(With(kTwice, guided), &image, second_);
    return image.image_id;
  }
  static std::shared_ptr<Perception> SeenAgain() {
    auto merged = Seen();
    merged->second_look = {{0, 0, 0.5f, 0.5f}};
    return merged;
  }

  const std::shared_ptr<const Perception> first_ = Seen();
  const std::shared_ptr<const Perception> second_ = SeenAgain();
};

TEST_F(SecondLookIntakeTest, AnIdBringsTheBetterBoxesUnlessTheyAreNotWanted) {
  const std::string id = LookTwice(/*guided=*/false);
  const auto known = Take(Known(id), With(kTwice, /*guided=*/true));
  EXPECT_EQ(known.perception, second_);
  EXPECT_FALSE(known.look_again);
  EXPECT_EQ(Take(Known(id), With({SecondLookMode::kOff})).perception, first_);
}

TEST_F(SecondLookIntakeTest, EqualContentUnderEqualSettingsIsNotLookedAtAgain) {
  LookTwice(/*guided=*/false);
  const auto same = Take(Source(picture_), With(kTwice));
  EXPECT_EQ(same.perception, second_);
  EXPECT_FALSE(same.look_again);
}

TEST_F(SecondLookIntakeTest, AQuestionOrOtherSettingsBeginWithTheFirstLook) {
  LookTwice(/*guided=*/false);
  for (const auto& intent : {With(kTwice, /*guided=*/true), With({SecondLookMode::kAlways, 4}),
                             With({SecondLookMode::kAutomatic, 5})}) {
    const auto image = Take(Source(picture_), intent);
    EXPECT_EQ(image.perception, first_);
    EXPECT_NE(image.input, nullptr);
    EXPECT_TRUE(image.look_again);
  }
  EXPECT_EQ(Take(Source(picture_), With({SecondLookMode::kOff})).perception, first_);
}

TEST_F(SecondLookIntakeTest, WhatAQuestionGuidedStaysWithItsRequest) {
  const std::string id = LookTwice(/*guided=*/true);
  EXPECT_EQ(Take(Known(id), With(kTwice)).perception, first_);
  EXPECT_EQ(Take(Source(picture_), With(kTwice)).perception, first_);
}

TEST_F(ImageIntakeTest, UnknownIdsAreNotFound) {
  const ImageSource unknown{.field = "images[1]", .from = KnownImage{"nope"}};
  EXPECT_THAT(intake_.Check(unknown, kAlice),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("images[1].image_id")));
}

TEST_F(ImageIntakeTest, AnIdOfAnotherTenantIsAsUnknownAsAnyOther) {
  const std::string id = Remembered();
  ASSERT_OK(intake_.Check(Known(id), kAlice));
  const absl::Status theirs = intake_.Check(Known(id), kBob).status();
  EXPECT_EQ(theirs.code(), absl::StatusCode::kNotFound);
  const std::string nonsense(id.size(), '0');
  std::string message(intake_.Check(Known(nonsense), kBob).status().message());
  message.replace(message.find(nonsense), nonsense.size(), id);
  EXPECT_EQ(theirs.message(), message);
}

TEST_F(ImageIntakeTest, NoNameMakesOneTenantAnother) {
  const std::string id = Remembered();
  EXPECT_THAT(intake_.Check(Known("alice/" + id), {}), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(intake_.Check(Known("../alice/" + id), kBob), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ImageIntakeTest, TheSameContentOfAnotherTenantIsNew) {
  const std::string id = Remembered();
  auto image = intake_.Check(Source(picture_), kBob);
  ASSERT_OK(intake_.Load(Source(picture_), kBob, &*image));
  EXPECT_EQ(image->perception, nullptr);
  EXPECT_NE(image->image_id, id);
}

TEST_F(ImageIntakeTest, ReleaseForgetsOnlyTheTenantsOwn) {
  const std::string id = Remembered();
  EXPECT_FALSE(intake_.Release("bob", id));
  ASSERT_OK(intake_.Check(Known(id), kAlice));
  EXPECT_TRUE(intake_.Release("alice", id));
  EXPECT_THAT(intake_.Check(Known(id), kAlice), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(intake_.Release("alice", id));
}

TEST_F(ImageIntakeTest, WithoutACacheNoIdsAreGivenOut) {
  const ImageIntake forgetful(&decoder_, nullptr, ImageKey(engine_.info(), "secret"));
  auto image = forgetful.Check(Source(picture_), kAlice);
  ASSERT_OK(forgetful.Load(Source(picture_), kAlice, &*image));
  EXPECT_EQ(image->image_id, "");
  EXPECT_EQ(image->key, "");
  EXPECT_FALSE(forgetful.Release("alice", ""));
  forgetful.Remember(kAlice, &*image, Seen());
  EXPECT_THAT(forgetful.Check({.from = KnownImage{"abc"}}, kAlice),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace mrmllm
