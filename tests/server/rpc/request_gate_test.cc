// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request_gate.h"

#include <thread>

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

TEST(RequestGateTest, ClosingRefusesNewOnesAndKeepsThoseInside) {
  RequestGate gate;
  ASSERT_OK(gate.Enter());
  gate.Close();
  EXPECT_FALSE(gate.open());
  EXPECT_THAT(gate.Enter(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(gate.inside(), 1);
}

TEST(RequestGateTest, AwaitEmptyEndsWithTheLastLeave) {
  RequestGate gate;
  ASSERT_OK(gate.Enter());
  std::thread leaves([&gate] { gate.Leave(); });
  EXPECT_TRUE(gate.AwaitEmpty(Clock::Real(), absl::InfiniteFuture()));
  leaves.join();
}

TEST(RequestGateTest, AwaitEmptyEndsAtTheDeadline) {
  RequestGate gate;
  FakeClock clock;
  ASSERT_OK(gate.Enter());
  EXPECT_FALSE(gate.AwaitEmpty(&clock, clock.Now()));
}

}  // namespace
}  // namespace mrmllm
