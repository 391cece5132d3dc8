// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/request/field_checks.h"
#include "server/rpc/request/request_validation.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Spoken = std::vector<std::pair<v1::Role, std::string>>;

absl::Status StatusOfTurns(const Spoken& spoken) {
  google::protobuf::RepeatedPtrField<v1::Turn> turns;
  for (const auto& [role, text] : spoken) {
    v1::Turn* turn = turns.Add();
    turn->set_role(role);
    turn->set_text(text);
  }
  FieldChecks checks;
  CheckTurns("turns", turns, &checks);
  return checks.ToStatus();
}

TEST(CheckTurnsTest, TakesAlternatingTurnsThatEndWithTheModel) {
  EXPECT_OK(StatusOfTurns({}));
  EXPECT_OK(StatusOfTurns({{v1::ROLE_SYSTEM, "s"}}));
  EXPECT_OK(StatusOfTurns({{v1::ROLE_USER, "u"}, {v1::ROLE_ASSISTANT, "a"}}));
  EXPECT_OK(
      StatusOfTurns({{v1::ROLE_SYSTEM, "s"}, {v1::ROLE_USER, "u"}, {v1::ROLE_ASSISTANT, "a"}}));
}

TEST(CheckTurnsTest, RefusesEveryOtherOrder) {
  const std::pair<Spoken, std::string> table[] = {
      {{{v1::ROLE_ASSISTANT, "a"}}, "turns[0].role: expected ROLE_USER, got ROLE_ASSISTANT"},
      {{{v1::ROLE_USER, "u"}}, "turns: expected the last turn to be ROLE_ASSISTANT"},
      {{{v1::ROLE_USER, "u"}, {v1::ROLE_USER, "u"}}, "turns[1].role: expected ROLE_ASSISTANT"},
      {{{v1::ROLE_USER, "u"}, {v1::ROLE_SYSTEM, "s"}}, "turns[1].role: expected ROLE_ASSISTANT"},
      {{{v1::ROLE_UNSPECIFIED, "u"}}, "turns[0].role: expected ROLE_USER, got ROLE_UNSPECIFIED"},
      {{{static_cast<v1::Role>(77), "u"}}, "turns[0].role: expected ROLE_USER, got 77"},
  };
  for (const auto& [spoken, message] : table) {
    EXPECT_THAT(StatusOfTurns(spoken),
                StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(message)));
  }
}

TEST(CheckTurnsTest, LimitsHoldOnBothSides) {
  Spoken most;
  for (int i = 0; i < kMaxTurns; ++i) {
    most.push_back({i % 2 == 0 ? v1::ROLE_USER : v1::ROLE_ASSISTANT, "x"});
  }
  EXPECT_OK(StatusOfTurns(most));
  most.push_back({v1::ROLE_USER, "x"});
  EXPECT_THAT(StatusOfTurns(most),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 64 turns, got 65")));
  EXPECT_OK(StatusOfTurns({{v1::ROLE_SYSTEM, std::string(kMaxTurnBytes, 'x')}}));
  EXPECT_THAT(StatusOfTurns({{v1::ROLE_SYSTEM, std::string(kMaxTurnBytes + 1, 'x')}}),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("turns[0].text: ")));
}

TEST(CheckImageTest, NeedsASource) {
  FieldChecks checks;
  CheckImage("images[2]", v1::Image(), &checks);
  EXPECT_THAT(checks.ToStatus(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "images[2]: expected one of content, raw and image_id, got none"));
}

TEST(CheckImageTest, RawNeedsAKnownFormat) {
  v1::Image image;
  image.mutable_raw()->set_width(1);
  FieldChecks checks;
  CheckImage("image", image, &checks);
  EXPECT_THAT(checks.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument,
                                          StartsWith("image.raw.format: expected PIXEL_FORMAT_")));
}

TEST(CheckImageTest, RawKeepsItsGeometry) {
  v1::Image image;
  image.mutable_raw()->set_pixels("123456");
  image.mutable_raw()->set_width(2);
  image.mutable_raw()->set_height(3);
  image.mutable_raw()->set_row_stride_bytes(4);
  image.mutable_raw()->set_format(v1::PIXEL_FORMAT_GRAY);
  FieldChecks checks;
  const ImageSource source = CheckImage("image", image, &checks);
  const auto& raw = std::get<RawPixels>(source.from);
  EXPECT_TRUE(checks.ok());
  EXPECT_EQ(raw.width, 2);
  EXPECT_EQ(raw.height, 3);
  EXPECT_EQ(raw.row_stride_bytes, 4);
  EXPECT_EQ(raw.format, RawPixels::Format::kGray);
}

TEST(CheckImageTest, AnEmptyIdIsNoId) {
  v1::Image image;
  image.set_image_id("");
  FieldChecks checks;
  CheckImage("image", image, &checks);
  EXPECT_THAT(checks.ToStatus(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("image.image_id: ")));
}

TEST(CheckGenerationTest, TheCallersSeedIsKept) {
  v1::GenerationSettings settings;
  settings.set_temperature(1);
  settings.set_seed(-5);
  FieldChecks checks;
  EXPECT_EQ(CheckGeneration("generation", settings, &checks).seed, static_cast<uint64_t>(-5));
}

TEST(CheckGenerationTest, SamplingWithoutASeedDrawsAFreshOne) {
  v1::GenerationSettings settings;
  settings.set_temperature(1);
  FieldChecks checks;
  EXPECT_NE(CheckGeneration("generation", settings, &checks).seed,
            CheckGeneration("generation", settings, &checks).seed);
}

TEST(CheckPerceptionTest, MechanismsCanBeSwitchedOffEach) {
  v1::PerceptionSettings settings;
  settings.mutable_mechanisms()->set_query_fusion(false);
  const EngineInfo engine;
  FieldChecks checks;
  EXPECT_EQ(CheckPerception("perception", settings, {.engine = &engine}, &checks).mechanisms,
            (Mechanisms{.query_fusion = false}));
}

class CheckSecondLookTest : public testing::Test {
 protected:
  SecondLookSettings Check() {
    return CheckPerception("perception", settings_, rules_, &checks_).second_look;
  }

  const EngineInfo engine_;
  const ValidationRules rules_{.engine = &engine_,
                               .second_look = {.mode = SecondLookMode::kAutomatic, .max_crops = 5}};
  v1::PerceptionSettings settings_;
  FieldChecks checks_;
};

TEST_F(CheckSecondLookTest, WhatIsNotSaidIsAsTheServersSettingsSay) {
  EXPECT_EQ(Check(), rules_.second_look);
  settings_.mutable_second_look()->set_mode(v1::SECOND_LOOK_MODE_ALWAYS);
  EXPECT_EQ(Check(), (SecondLookSettings{.mode = SecondLookMode::kAlways, .max_crops = 5}));
  settings_.mutable_second_look()->set_mode(v1::SECOND_LOOK_MODE_UNSPECIFIED);
  settings_.mutable_second_look()->set_max_crop_count(16);
  EXPECT_EQ(Check(), (SecondLookSettings{.mode = SecondLookMode::kAutomatic, .max_crops = 16}));
  EXPECT_TRUE(checks_.ok());
}

TEST_F(CheckSecondLookTest, WithoutPerceptionThereIsNone) {
  settings_.set_enabled(false);
  EXPECT_EQ(Check().mode, SecondLookMode::kOff);
}

TEST_F(CheckSecondLookTest, RefusesUnknownModes) {
  settings_.mutable_second_look()->set_mode(static_cast<v1::SecondLookMode>(4));
  Check();
  EXPECT_THAT(checks_.ToStatus(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "perception.second_look.mode: expected SECOND_LOOK_MODE_OFF, "
                       "SECOND_LOOK_MODE_AUTOMATIC or SECOND_LOOK_MODE_ALWAYS, got 4"));
}

}  // namespace
}  // namespace mrmllm
