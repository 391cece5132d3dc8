// SPDX-License-Identifier: Apache-2.0
#include "server/config/tenant_weights.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(TenantWeightsTest, ReadsPairsAndIgnoresBlanks) {
  EXPECT_THAT(*ParseTenantWeights("a=3,b=0.5"), UnorderedElementsAre(Pair("a", 3), Pair("b", 0.5)));
  EXPECT_THAT(*ParseTenantWeights(" team-1 = 2 , x = 1e2 "),
              UnorderedElementsAre(Pair("team-1", 2), Pair("x", 100)));
}

TEST(TenantWeightsTest, NothingIsNoWeights) {
  EXPECT_THAT(*ParseTenantWeights(""), IsEmpty());
  EXPECT_THAT(*ParseTenantWeights("  "), IsEmpty());
}

struct BadWeights {
  const char* text;
  const char* message;
};

class BadTenantWeightsTest : public testing::TestWithParam<BadWeights> {};

TEST_P(BadTenantWeightsTest, NamesThePairAtFault) {
  const auto weights = ParseTenantWeights(GetParam().text);
  EXPECT_EQ(weights.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(weights.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadTenantWeightsTest,
    testing::Values(BadWeights{"a=1,,b=2", "'' is not of the form tenant=weight"},
                    BadWeights{"a=1,b", "'b' is not of the form tenant=weight"},
                    BadWeights{"a=1=2", "'a=1=2' is not of the form tenant=weight"},
                    BadWeights{"=2", "'=2' names no tenant"},
                    BadWeights{"two words=2", "'two words=2' names no tenant"},
                    BadWeights{"a=much", "'a=much' has no weight in (0, 1000]"},
                    BadWeights{"a=0", "has no weight"}, BadWeights{"a=-1", "has no weight"},
                    BadWeights{"a=nan", "has no weight"}, BadWeights{"a=inf", "has no weight"},
                    BadWeights{"a=1001", "has no weight"},
                    BadWeights{"a=1,a=2", "'a=2' names a tenant again"}));

}  // namespace
}  // namespace mrmllm
