// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/exposer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {
namespace {

TEST(MetricsExposerTest, TakesAFreePort) {
  Metrics metrics;
  auto exposer = MetricsExposer::Create("127.0.0.1:0", metrics.collectable());
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  EXPECT_GT((*exposer)->port(), 0);
}

TEST(MetricsExposerTest, NamesTheAddressThatIsTaken) {
  Metrics metrics;
  auto first = MetricsExposer::Create("127.0.0.1:0", metrics.collectable());
  ASSERT_TRUE(first.ok());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  auto second = MetricsExposer::Create(taken, metrics.collectable());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), testing::HasSubstr(taken));
}

}  // namespace
}  // namespace mrmllm
