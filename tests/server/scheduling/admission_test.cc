// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/admission.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr Admission::Limits kLimits{.requests = 2, .pixels = 100, .tokens = 50};

TEST(AdmissionTest, CountsWhatIsReserved) {
  Admission admission(kLimits);
  auto first = admission.Reserve({.pixels = 60, .tokens = 10});
  auto second = admission.Reserve({.pixels = 40, .tokens = 40});
  ASSERT_OK(first.status());
  ASSERT_OK(second.status());
  EXPECT_EQ(admission.usage(), (Admission::Usage{.requests = 2, .pixels = 100, .tokens = 50}));
}

TEST(AdmissionTest, GivesThePlaceBackWhenTheReservationGoes) {
  Admission admission(kLimits);
  { auto place = admission.Reserve({.pixels = 60, .tokens = 10}); }
  EXPECT_EQ(admission.usage(), Admission::Usage{});
}

TEST(AdmissionTest, SaysWhatIsFull) {
  Admission admission(kLimits);
  auto place = admission.Reserve({.pixels = 60, .tokens = 30});
  EXPECT_THAT(admission.Reserve({.pixels = 41}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("41 more pixels"), HasSubstr("60 of 100"))));
  EXPECT_THAT(admission.Reserve({.tokens = 21}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("21 more tokens")));
  auto second = admission.Reserve({});
  EXPECT_THAT(admission.Reserve({}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("requests")));
  EXPECT_EQ(admission.usage(), (Admission::Usage{.requests = 2, .pixels = 60, .tokens = 30}));
}

TEST(AdmissionTest, WhatCanNeverFitIsTheCallersMistake) {
  Admission admission(kLimits);
  auto place = admission.Reserve({.pixels = 100});
  EXPECT_THAT(admission.Reserve({.pixels = 101}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("pixels, got 101")));
  EXPECT_THAT(admission.Reserve({.tokens = 51}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(admission.Reserve({.tokens = -1}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AdmissionTest, AloneEverythingWithinTheLimitsFits) {
  Admission admission(kLimits);
  EXPECT_OK(admission.Reserve({.pixels = 100, .tokens = 50}).status());
}

TEST(ReservationTest, MovesItsPlaceWithIt) {
  Admission admission(kLimits);
  Reservation kept;
  {
    auto place = admission.Reserve({.pixels = 1});
    kept = *std::move(place);
  }
  EXPECT_EQ(admission.usage().requests, 1);
  Reservation moved(std::move(kept));
  EXPECT_EQ(admission.usage().requests, 1);
  moved.Release();
  moved.Release();
  EXPECT_EQ(admission.usage(), Admission::Usage{});
}

TEST(ReservationTest, AssignmentGivesTheOldPlaceBack) {
  Admission admission(kLimits);
  Reservation place = *admission.Reserve({.pixels = 1});
  place = *admission.Reserve({.pixels = 2});
  EXPECT_EQ(admission.usage(), (Admission::Usage{.requests = 1, .pixels = 2, .tokens = 0}));
}

}  // namespace
}  // namespace mrmllm
