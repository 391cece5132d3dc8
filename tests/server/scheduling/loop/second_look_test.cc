// SPDX-License-Identifier: Apache-2.0
//
// Second looks in the batch loop: when they come, what they cost the others, and how they end.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Pair;
using testing::SizeIs;

constexpr SecondLookMode kOff = SecondLookMode::kOff;
constexpr SecondLookMode kAutomatic = SecondLookMode::kAutomatic;
constexpr SecondLookMode kAlways = SecondLookMode::kAlways;

// Images of width 10 have two parts worth a second look, those of width 20 three, others none. An
// image takes 20 ms, a part 10.
class SecondLookTest : public ExecutorFixture {
 protected:
  SecondLookTest() : ExecutorFixture({.max_batch_images = 6}) {
    for (int height : {1, 2, 3}) {
      engine_.SetSecondLook(10, height, {{0, 0, 0.5f, 0.5f}, {0.5f, 0.5f, 1, 1}});
      engine_.SetSecondLook(20, height,
                            {{0, 0, 0.5f, 0.5f}, {0.5f, 0.5f, 1, 1}, {0, 0.5f, 0.5f, 1}});
    }
    const absl::Duration none;
    engine_.SetStepDuration(&clock_, StepKind::kPerceive, none, absl::Milliseconds(20));
    engine_.SetStepDuration(&clock_, StepKind::kLookAgain, none, absl::Milliseconds(10));
    engine_.SetStepDuration(&clock_, StepKind::kPrefill, absl::Milliseconds(5), none);
    engine_.SetStepDuration(&clock_, StepKind::kDecode, absl::Milliseconds(5), none);
    engine_.SetBounds({.images = 6, .pixels = 1'000'000, .prompt_tokens = 512, .sequences = 16});
  }

  absl::Time In(int milliseconds) { return clock_.Now() + absl::Milliseconds(milliseconds); }
  std::vector<StepKind> Kinds() const {
    std::vector<StepKind> kinds;
    for (const FakeEngine::Step& step : engine_.steps()) kinds.push_back(step.kind);
    return kinds;
  }
  // Enough of everything to know what it costs.
  void LearnCosts() {
    for (int parts : {1, 2, 3}) {
      Add(NewRequest().Image(20, 1).SecondLook(kAlways, parts).Question("Q"));
      TakeAllSteps();
    }
  }
};

TEST_F(SecondLookTest, PartsOfTwoRequestsGoIntoOneStep) {
  auto first = Add(NewRequest().Image(10, 1).SecondLook(kAutomatic));
  auto second = Add(NewRequest().Image(20, 1).SecondLook(kAlways));
  TakeAllSteps();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPerceive, StepKind::kLookAgain));
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(10, 1), Pair(20, 1)));
  EXPECT_THAT(LastStep().parts, ElementsAre(2, 3));
  EXPECT_THAT(first->perceived()[0]->second_look, SizeIs(2));
  EXPECT_THAT(second->perceived()[0]->detections, SizeIs(4));
  EXPECT_EQ(second->result().timings.perceive, absl::Milliseconds(40));
  EXPECT_EQ(second->result().timings.look_again, absl::Milliseconds(50));
  EXPECT_THAT(observer_.Words(), IsSupersetOf({"look again 5/5 50ms", "look again wait 0",
                                               "second look at 5: 5 added, 0 changed"}));
}

TEST_F(SecondLookTest, TheFirstLookIsToldAtOnceAndTheSecondIsAnswered) {
  auto heard = Add(NewRequest().Image(10, 1).Question("Q").SecondLook(kAutomatic));
  TakeStep();
  ASSERT_THAT(heard->first_look(), SizeIs(1));
  EXPECT_THAT(heard->first_look()[0]->detections, SizeIs(1));
  EXPECT_THAT(heard->perceived(), IsEmpty());
  TakeAllSteps();
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_THAT(heard->perceived()[0]->detections, SizeIs(3));
  ASSERT_THAT(engine_.guides(), SizeIs(1));
  EXPECT_EQ(engine_.guides()[0].settings.mode, kAutomatic);
}

TEST_F(SecondLookTest, WithoutAReasonOrAWishThereIsNone) {
  auto off = Add(NewRequest().Image(10, 1).SecondLook(kOff));
  auto plain = Add(NewRequest().Image(30, 1).SecondLook(kAlways));
  TakeAllSteps();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPerceive));
  EXPECT_THAT(off->first_look(), IsEmpty());
  EXPECT_THAT(plain->first_look(), IsEmpty());
  EXPECT_EQ(plain->result().timings.look_again, absl::ZeroDuration());
}

TEST_F(SecondLookTest, AnImageThatIsKnownIsLookedAtAgainWhereItsPixelsAreAtHand) {
  auto first = std::make_shared<Perception>();
  first->width = 10;
  first->height = 1;
  Request request = NewRequest().Image(10, 1).Image(10, 1).SecondLook(kAlways).Build(nullptr);
  for (RequestImage& image : request.images) image.perception = first;
  request.images[1].look_again = false;
  auto heard = std::make_shared<RecordingListener>();
  request.listener = heard;
  executor_.Add(
      {.handle = ++last_handle_, .request = std::move(request), .submitted = clock_.Now()});
  TakeAllSteps();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kLookAgain));
  EXPECT_THAT(heard->perceived()[0]->second_look, SizeIs(2));
  EXPECT_EQ(heard->perceived()[1], first);
}

TEST_F(SecondLookTest, EqualPartsOfAnImageThatManySharedAreLookedAtOnce) {
  auto first = Add(NewRequest().KeyedImage("cat", 10, 1).SecondLook(kAutomatic));
  auto second = Add(NewRequest().KeyedImage("cat", 10, 1).SecondLook(kAutomatic));
  auto fewer = Add(NewRequest().KeyedImage("cat", 10, 1).SecondLook(kAutomatic, 1));
  TakeAllSteps();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPerceive, StepKind::kLookAgain));
  EXPECT_THAT(LastStep().parts, ElementsAre(2, 1));
  EXPECT_EQ(first->perceived()[0], second->perceived()[0]);
  EXPECT_THAT(fewer->perceived()[0]->second_look, SizeIs(1));
}

TEST_F(SecondLookTest, MorePartsThanAStepHoldsGoIntoSeveral) {
  for (int i = 0; i < 3; ++i) Add(NewRequest().Image(20, 1).SecondLook(kAlways));
  TakeAllSteps();
  EXPECT_THAT(Kinds(),
              ElementsAre(StepKind::kPerceive, StepKind::kLookAgain, StepKind::kLookAgain));
  EXPECT_THAT(LastStep().parts, ElementsAre(3));
}

TEST_F(SecondLookTest, TheUrgentAreServedFirst) {
  Add(NewRequest().Image(20, 1).SecondLook(kAlways).Urgency(Priority::kLow));
  Add(NewRequest().Image(20, 2).SecondLook(kAlways));
  Add(NewRequest().Image(20, 3).SecondLook(kAlways).Urgency(Priority::kHigh));
  TakeStep();
  TakeStep();
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(20, 3), Pair(20, 2)));
}

TEST_F(SecondLookTest, UnderLoadAutomaticOnesShrinkToWhatIsLeftOfABatch) {
  auto first = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic));
  for (int i = 0; i < 9; ++i) Add(NewRequest().Image(30, 1).Urgency(Priority::kLow));
  TakeStep();  // six of the ten; four wait
  ASSERT_THAT(first->first_look(), SizeIs(1));
  TakeStep();
  EXPECT_THAT(LastStep().parts, ElementsAre(2));
}

TEST_F(SecondLookTest, AFullBatchThatWaitsLeavesThemNoneUnlessTheyAreAlwaysWanted) {
  auto automatic = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Urgency(Priority::kHigh));
  auto always = Add(NewRequest().Image(20, 2).SecondLook(kAlways).Urgency(Priority::kHigh));
  for (int i = 0; i < 10; ++i) Add(NewRequest().Image(30, 1));
  TakeStep();  // these two and four of the others; six wait
  EXPECT_THAT(automatic->status(), IsOk());
  EXPECT_TRUE(automatic->done());
  EXPECT_THAT(automatic->perceived()[0]->second_look, IsEmpty());
  EXPECT_FALSE(always->done());
  TakeAllSteps();
  EXPECT_THAT(always->perceived()[0]->second_look, SizeIs(3));
}

TEST_F(SecondLookTest, PartsThatWaitCountAgainstTheNextOnes) {
  std::vector<std::shared_ptr<RecordingListener>> heard;
  for (int i = 0; i < 4; ++i) {
    heard.push_back(Add(NewRequest().Image(20, 1).SecondLook(kAutomatic)));
  }
  TakeAllSteps();
  // Six parts are a batch: two requests have theirs, the others do without.
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPerceive, StepKind::kLookAgain));
  EXPECT_THAT(LastStep().parts, ElementsAre(3, 3));
  for (const auto& each : heard) EXPECT_THAT(each->status(), IsOk());
}

TEST_F(SecondLookTest, WhatTheDeadlineLeavesNoTimeForIsNotLookedAt) {
  LearnCosts();
  auto none = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Deadline(In(30)));
  TakeAllSteps();
  EXPECT_THAT(none->status(), IsOk());
  EXPECT_THAT(none->perceived()[0]->second_look, IsEmpty());
  auto some = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Deadline(In(50)));
  TakeAllSteps();
  EXPECT_THAT(some->status(), IsOk());
  EXPECT_THAT(some->perceived()[0]->second_look, SizeIs(2));
}

TEST_F(SecondLookTest, TheAnswersTimeIsNotSpentOnIt) {
  LearnCosts();
  // 20 ms each for the image and the answer; a part and a quarter of the rest are too much.
  auto none = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Question("Q").Deadline(In(50)));
  TakeAllSteps();
  EXPECT_THAT(none->status(), IsOk());
  EXPECT_THAT(none->perceived()[0]->second_look, IsEmpty());
  auto some = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Question("Q").Deadline(In(70)));
  TakeAllSteps();
  EXPECT_THAT(some->status(), IsOk());
  EXPECT_THAT(some->perceived()[0]->second_look, SizeIs(2));
}

TEST_F(SecondLookTest, WaitingTakesAwayWhatNoLongerFits) {
  LearnCosts();
  auto heard = Add(NewRequest().Image(20, 1).SecondLook(kAutomatic).Deadline(In(80)));
  TakeStep();
  ASSERT_THAT(heard->first_look(), SizeIs(1));
  clock_.Advance(absl::Milliseconds(45));
  TakeAllSteps();
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_THAT(heard->perceived()[0]->second_look, SizeIs(1));
}

TEST_F(SecondLookTest, DeadlineThatPassesBetweenTheLooksEndsTheRequest) {
  auto heard = Add(NewRequest().Image(20, 1).SecondLook(kAlways).Deadline(In(30)));
  TakeStep();
  clock_.Advance(absl::Milliseconds(10));
  TakeAllSteps();
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                        HasSubstr("looking at parts of the images again")));
}

TEST_F(SecondLookTest, CancelBetweenTheLooksFreesEverything) {
  auto cancelled = Add(NewRequest().Image(20, 1).SecondLook(kAlways).Question("Q"));
  const RequestHandle handle = last_handle_;
  auto kept = Add(NewRequest().Image(10, 1).SecondLook(kAlways));
  TakeStep();
  executor_.Cancel(handle);
  EXPECT_EQ(admission_.usage().requests, 1);
  TakeAllSteps();
  EXPECT_THAT(cancelled->status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(kept->status(), IsOk());
  EXPECT_THAT(LastStep().parts, ElementsAre(2));
}

TEST_F(SecondLookTest, AnErrorOfOneHarmsNoOther) {
  engine_.FailSecondLook(20, 1, absl::InternalError("bad crop"));
  auto bad = Add(NewRequest().Image(20, 1).SecondLook(kAlways));
  auto good = Add(NewRequest().Image(10, 1).SecondLook(kAlways));
  TakeAllSteps();
  EXPECT_THAT(bad->status(), StatusIs(absl::StatusCode::kInternal, "bad crop"));
  EXPECT_THAT(good->status(), IsOk());
  EXPECT_THAT(good->perceived()[0]->second_look, SizeIs(2));
}

TEST_F(SecondLookTest, WhenTheDeviceFailsItsRequestsCanBeBegunAnewElsewhere) {
  auto heard = Add(NewRequest().Image(20, 1).SecondLook(kAlways).Question("Q"));
  TakeStep();
  engine_.FailDevice();
  TakeStep();
  EXPECT_THAT(executor_.engine_failure(), StatusIs(absl::StatusCode::kUnavailable));
  std::vector<SubmittedRequest> untold = executor_.TakeUntold();
  ASSERT_THAT(untold, SizeIs(1));
  EXPECT_NE(untold[0].request.images[0].input, nullptr);
  EXPECT_EQ(untold[0].request.images[0].perception, nullptr);
  untold[0].request.listener->OnDone(absl::OkStatus(), {});
}

TEST_F(SecondLookTest, AnswersTakeTurnsWithThem) {
  engine_.SetAnswer("long", std::vector<std::string>(8, "x"));
  Add(NewRequest().Question("long"));
  TakeStep();
  for (int i = 0; i < 3; ++i) Add(NewRequest().Image(20, 1).SecondLook(kAlways));
  for (int i = 0; i < 5; ++i) TakeStep();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPrefill, StepKind::kPerceive, StepKind::kDecode,
                                   StepKind::kLookAgain, StepKind::kDecode, StepKind::kLookAgain));
}

}  // namespace
}  // namespace mrmllm
