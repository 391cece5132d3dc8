// SPDX-License-Identifier: Apache-2.0
#include "base/tenant.h"

#include <string>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(TenantTest, NamesAreShortAndPlain) {
  EXPECT_TRUE(IsValidTenant("a"));
  EXPECT_TRUE(IsValidTenant("Team_7.web-shop"));
  EXPECT_TRUE(IsValidTenant(std::string(64, 'x')));
}

TEST(TenantTest, RefusesWhatCouldNotStandInAHeaderOrALog) {
  for (const char* name : {"", "two words", "a=b", "a,b", "a/b", "caf\xc3\xa9", "a\n"}) {
    EXPECT_FALSE(IsValidTenant(name)) << name;
  }
  EXPECT_FALSE(IsValidTenant(std::string(65, 'x')));
}

}  // namespace
}  // namespace mrmllm
