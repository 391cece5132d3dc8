// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/sharing/service_order.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAreArray;

const absl::Time kNow = absl::FromUnixSeconds(1000);
constexpr absl::Duration kAgeing = absl::Seconds(2);
const std::string kTenants[] = {"a", "b"};

struct Row {
  const char* what;
  struct Request {
    int tenant;
    Priority priority;
    int waited_seconds;
    int due_in_seconds;  // 0: no deadline
    double cost_seconds = 1;
    bool waits = true;
  };
  std::vector<Request> requests;  // in the order of arrival
  std::vector<size_t> expected;
  double had_by_a = 0;  // seconds, while both contended
};

constexpr Priority kHigh = Priority::kHigh;
constexpr Priority kNormal = Priority::kNormal;
constexpr Priority kLow = Priority::kLow;

const Row kRows[] = {
    {"arrival", {{0, kNormal, 0, 0}, {0, kNormal, 0, 0}, {0, kNormal, 0, 0}}, {0, 1, 2}},
    {"the class comes first", {{0, kLow, 1, 1}, {0, kNormal, 0, 0}, {0, kHigh, 0, 0}}, {2, 1, 0}},
    {"the earlier deadline inside a class and tenant",
     {{0, kNormal, 0, 0}, {0, kNormal, 0, 9}, {0, kNormal, 0, 3}},
     {2, 1, 0}},
    {"no deadline is due when patience ends",
     {{0, kNormal, 29, 0}, {0, kNormal, 0, 2}, {0, kNormal, 0, 0}},
     {0, 1, 2}},
    {"a class rises with its oldest, as a whole",
     {{0, kLow, 5, 0}, {0, kNormal, 1, 9}, {0, kHigh, 1, 0}, {0, kLow, 0, 1}},
     {3, 0, 2, 1}},
    {"a class rises no further than the highest",
     {{0, kHigh, 0, 1}, {0, kNormal, 100, 0}, {0, kHigh, 3, 2}},
     {1, 0, 2}},
    {"tenants take turns whatever their arrival",
     {{0, kNormal, 0, 0}, {0, kNormal, 0, 0}, {1, kNormal, 0, 0}, {1, kNormal, 0, 0}},
     {0, 2, 1, 3}},
    {"turns are as long as their cost",
     {{0, kNormal, 0, 0, 3}, {0, kNormal, 0, 0}, {1, kNormal, 0, 0}, {1, kNormal, 0, 0}},
     {0, 2, 3, 1}},
    {"who has had more comes later, also with an earlier deadline",
     {{0, kNormal, 1, 1}, {1, kNormal, 0, 0}},
     {1, 0},
     0.5},
    {"what a tenant has running counts as had",
     {{0, kNormal, 9, 0, 5, false}, {0, kNormal, 0, 1}, {1, kNormal, 0, 0}},
     {2, 1}},
    {"waiting long is no advantage over another tenant of the class",
     {{0, kNormal, 20, 0}, {0, kNormal, 15, 0}, {1, kNormal, 0, 0}},
     {2, 0, 1},
     1.5},
    {"what runs does not lift its class",
     {{0, kLow, 100, 0, 1, false}, {0, kLow, 0, 0}, {0, kNormal, 0, 0}},
     {2, 1}},
};

TEST(ServiceOrderTest, FollowsClassThenShareThenDeadlineThenArrival) {
  for (const Row& row : kRows) {
    FairShare share({});
    share.SetContenders({&kTenants[0], &kTenants[1]});
    share.Charge(kTenants[0], absl::Seconds(row.had_by_a));
    std::vector<Claim> claims;
    for (const Row::Request& request : row.requests) {
      claims.push_back({.handle = claims.size(),
                        .tenant = &kTenants[request.tenant],
                        .priority = request.priority,
                        .since = kNow - absl::Seconds(request.waited_seconds),
                        .deadline = request.due_in_seconds == 0
                                        ? absl::InfiniteFuture()
                                        : kNow + absl::Seconds(request.due_in_seconds),
                        .cost = absl::Seconds(request.cost_seconds),
                        .waits = request.waits});
    }
    EXPECT_THAT(OrderOfService(claims, kAgeing, kNow, share), ElementsAreArray(row.expected))
        << row.what;
  }
}

TEST(ServiceOrderTest, LowerClassDoesNotSaveUpWhileItWaits) {
  FairShare share({});
  const Claim high{.tenant = &kTenants[0],
                   .priority = kHigh,
                   .since = kNow,
                   .deadline = absl::InfiniteFuture(),
                   .cost = absl::Seconds(1)};
  const Claim low{.handle = 1,
                  .tenant = &kTenants[1],
                  .priority = kLow,
                  .since = kNow,
                  .deadline = absl::InfiniteFuture(),
                  .cost = absl::Seconds(1)};
  OrderOfService({high, low}, kAgeing, kNow, share);
  share.Charge(kTenants[0], absl::Seconds(60));
  OrderOfService({high, low}, kAgeing, kNow + absl::Seconds(4), share);
  EXPECT_DOUBLE_EQ(share.VirtualTime(kTenants[1]), 60);
}

TEST(ServiceOrderTest, NothingToServeIsAnEmptyOrder) {
  FairShare share({});
  EXPECT_TRUE(OrderOfService({}, kAgeing, kNow, share).empty());
}

}  // namespace
}  // namespace mrmllm
