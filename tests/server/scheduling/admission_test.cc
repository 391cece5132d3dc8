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

TEST(AdmissionTest, ATenantsOwnQuotaTakesThePlaceOfTheUsual) {
  TenantQuotas quotas;
  quotas.Set({{"rich", {.pixels = 90}}});
  Admission admission(
      {.requests = 10, .pixels = 100, .tokens = 50, .tenant = {.pixels = 20}, .quotas = &quotas});
  auto place = admission.Reserve({.pixels = 60}, "rich");
  EXPECT_OK(place.status());
  EXPECT_THAT(admission.Reserve({.pixels = 21}, "poor"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 to 20 pixels")));
  quotas.Set({{"rich", {.requests = 1, .pixels = 90}}});
  EXPECT_THAT(admission.Reserve({.pixels = 1}, "rich"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("for tenant 'rich'")));
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

TEST(AdmissionTest, CountsImageTokensAndKeyValueBlocksToo) {
  Admission admission({.image_tokens = 30, .kv_blocks = 4});
  auto place = admission.Reserve({.image_tokens = 20, .tokens = 25, .kv_blocks = 3});
  ASSERT_OK(place.status());
  EXPECT_EQ(admission.usage(),
            (Admission::Usage{.requests = 1, .image_tokens = 20, .tokens = 25, .kv_blocks = 3}));
  EXPECT_THAT(admission.Reserve({.image_tokens = 11}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("11 more image tokens"), HasSubstr("20 of 30"))));
  EXPECT_THAT(admission.Reserve({.kv_blocks = 2}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("2 more key-value blocks"), HasSubstr("3 of 4"))));
  EXPECT_THAT(admission.Reserve({.kv_blocks = 5}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AdmissionTest, RowsWithoutALimitTakeWhateverComes) {
  Admission admission({.image_tokens = 0, .kv_blocks = 0});
  auto huge = admission.Reserve({.image_tokens = int64_t{1} << 60, .kv_blocks = int64_t{1} << 60});
  EXPECT_OK(huge.status());
  EXPECT_OK(admission.Reserve({.image_tokens = 1, .kv_blocks = 1}).status());
}

constexpr Admission::Limits kTenantLimits{.requests = 4,
                                          .pixels = 100,
                                          .tokens = 100,
                                          .tenant = {.requests = 2, .pixels = 60, .tokens = 50}};

TEST(TenantAdmissionTest, EachTenantHasItsOwnLimits) {
  Admission admission(kTenantLimits);
  auto first = admission.Reserve({.pixels = 40, .tokens = 30}, "a");
  ASSERT_OK(first.status());
  EXPECT_THAT(admission.Reserve({.pixels = 21}, "a"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("21 more pixels"), HasSubstr("for tenant 'a'"),
                             HasSubstr("40 of 60"))));
  EXPECT_THAT(admission.Reserve({.tokens = 21}, "a"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("30 of 50")));
  auto other = admission.Reserve({.pixels = 60, .tokens = 50}, "b");
  EXPECT_OK(other.status());
}

TEST(TenantAdmissionTest, TheLimitsOfAllHoldForEveryTenant) {
  Admission admission(kTenantLimits);
  auto first = admission.Reserve({.pixels = 60}, "a");
  EXPECT_THAT(admission.Reserve({.pixels = 41}, "b"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("60 of 100"), testing::Not(HasSubstr("tenant")))));
}

TEST(TenantAdmissionTest, CallersWithoutATenantAreOneTogether) {
  Admission admission(kTenantLimits);
  auto first = admission.Reserve({});
  auto second = admission.Reserve({});
  EXPECT_THAT(admission.Reserve({}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("without a tenant")));
  EXPECT_OK(admission.Reserve({}, "a").status());
}

TEST(TenantAdmissionTest, WhatCannotFitATenantIsTheCallersMistake) {
  Admission admission(kTenantLimits);
  EXPECT_THAT(admission.Reserve({.pixels = 61}, "a"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("0 to 60 pixels"), HasSubstr("tenant 'a'"))));
}

TEST(TenantAdmissionTest, ARefusedRequestHoldsNothing) {
  Admission admission(kTenantLimits);
  EXPECT_FALSE(admission.Reserve({.pixels = 61}, "a").ok());
  auto all = admission.Reserve({.pixels = 60}, "b");
  EXPECT_FALSE(admission.Reserve({.pixels = 50}, "a").ok());
  EXPECT_EQ(admission.usage("a"), Admission::Usage{});
  EXPECT_EQ(admission.usage().requests, 1);
}

TEST(TenantAdmissionTest, PlacesGoBackToTheirTenant) {
  Admission admission(kTenantLimits);
  Reservation kept;
  {
    Reservation first = *admission.Reserve({.pixels = 10, .tokens = 1}, "a");
    Reservation second = *admission.Reserve({.pixels = 20, .tokens = 2}, "b");
    kept = std::move(first);
    EXPECT_EQ(admission.usage("b"), (Admission::Usage{.requests = 1, .pixels = 20, .tokens = 2}));
  }
  EXPECT_EQ(admission.usage("a"), (Admission::Usage{.requests = 1, .pixels = 10, .tokens = 1}));
  EXPECT_EQ(admission.usage("b"), Admission::Usage{});
  kept.Release();
  EXPECT_EQ(admission.usage("a"), Admission::Usage{});
  EXPECT_EQ(admission.usage(), Admission::Usage{});
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
