// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/sharing/fair_share.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

const std::string kA = "a";
const std::string kB = "b";
const std::string kC = "c";

TEST(FairShareTest, ChargesByWeight) {
  FairShare share({{"a", 4}});
  share.SetContenders({&kA, &kB});
  share.Charge(kA, absl::Seconds(8));
  share.Charge(kB, absl::Seconds(3));
  EXPECT_DOUBLE_EQ(share.VirtualTime(kA), 2);
  EXPECT_DOUBLE_EQ(share.VirtualTime(kB), 3);
}

TEST(FairShareTest, NewcomerStartsWhereOneStandsThatHasHadItsShare) {
  FairShare share({{"b", 3}});
  share.SetContenders({&kA, &kB, &kB});
  share.Charge(kA, absl::Seconds(5));
  share.Charge(kB, absl::Seconds(3));
  share.SetContenders({&kA, &kB, &kC});
  EXPECT_DOUBLE_EQ(share.VirtualTime(kC), 2);
}

TEST(FairShareTest, NewcomersDoNotKeepOneOutForEver) {
  FairShare share({});
  share.SetContenders({&kA, &kB});
  share.Charge(kA, absl::Seconds(5));
  int rounds = 0;
  for (; rounds < 100; ++rounds) {
    const std::string newcomer = std::to_string(rounds);
    share.SetContenders({&kA, &newcomer});
    if (share.VirtualTime(kA) < share.VirtualTime(newcomer)) break;
    share.Charge(newcomer, absl::Seconds(1));
  }
  EXPECT_LE(rounds, 10);
}

TEST(FairShareTest, IdlenessSavesNothingUp) {
  FairShare share({});
  share.SetContenders({&kA, &kB});
  share.Charge(kA, absl::Seconds(1));
  share.SetContenders({&kB});
  share.Charge(kB, absl::Seconds(100));
  share.SetContenders({&kA, &kB});
  EXPECT_GE(share.VirtualTime(kA), 100);
}

TEST(FairShareTest, WhoLeavesAheadComesBackAhead) {
  FairShare share({});
  share.SetContenders({&kA, &kB});
  share.Charge(kA, absl::Seconds(50));
  share.SetContenders({&kB});
  share.Charge(kB, absl::Seconds(1));
  share.SetContenders({&kA, &kB});
  EXPECT_DOUBLE_EQ(share.VirtualTime(kA), 50);
  EXPECT_DOUBLE_EQ(share.VirtualTime(kB), 1);
}

TEST(FairShareTest, TimeThatNobodyElseWantedCostsNothing) {
  FairShare share({});
  share.SetContenders({});
  share.Charge(kA, absl::Seconds(100));
  share.SetContenders({&kA, &kB});
  EXPECT_DOUBLE_EQ(share.VirtualTime(kA), share.VirtualTime(kB));
}

TEST(FairShareTest, ForgetsTenantsThatOweNothing) {
  FairShare share({});
  for (int i = 0; i < 1000; ++i) {
    const std::string tenant = std::to_string(i);
    share.SetContenders({&tenant});
    share.Charge(tenant, absl::Seconds(1));
  }
  share.SetContenders({});
  share.SetContenders({});
  EXPECT_EQ(share.accounts(), 0u);
}

}  // namespace
}  // namespace mrmllm
