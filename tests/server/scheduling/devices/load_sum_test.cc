// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/load_sum.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/recording_observer.h"

namespace mrmllm {
namespace {

TEST(LoadSumTest, TellsTheLoadOfAllTogether) {
  RecordingObserver observer;
  LoadSum sum(&observer);
  const auto first = sum.Join();
  const auto second = sum.Join();
  first->OnLoad(1, 2, 300);
  EXPECT_EQ(observer.last_load(), "1 waiting, 2 running, 300 bytes");
  second->OnLoad(10, 20, 3000);
  EXPECT_EQ(observer.last_load(), "11 waiting, 22 running, 3300 bytes");
  first->OnLoad(0, 0, 0);
  EXPECT_EQ(observer.last_load(), "10 waiting, 20 running, 3000 bytes");
}

TEST(LoadSumTest, WhoLeavesTakesItsLoadAlong) {
  RecordingObserver observer;
  LoadSum sum(&observer);
  const auto first = sum.Join();
  auto second = sum.Join();
  first->OnLoad(1, 2, 300);
  second->OnLoad(10, 20, 3000);
  second.reset();
  EXPECT_EQ(observer.last_load(), "1 waiting, 2 running, 300 bytes");
}

TEST(LoadSumTest, PassesTheRestOnAsItIs) {
  RecordingObserver alone;
  alone.OnStep(StepKind::kDecode, 3, 3, absl::Milliseconds(7));
  alone.OnQueueWait(StepKind::kPrefill, absl::Milliseconds(1));
  alone.OnFirstToken(absl::Milliseconds(20));
  alone.OnTimePerOutputToken(absl::Milliseconds(4));
  alone.OnSharedPerceptions(3);

  RecordingObserver observer;
  LoadSum sum(&observer);
  const auto first = sum.Join();
  const auto second = sum.Join();
  second->OnStep(StepKind::kDecode, 3, 3, absl::Milliseconds(7));
  first->OnQueueWait(StepKind::kPrefill, absl::Milliseconds(1));
  second->OnFirstToken(absl::Milliseconds(20));
  first->OnTimePerOutputToken(absl::Milliseconds(4));
  second->OnSharedPerceptions(3);
  EXPECT_EQ(observer.Words(), alone.Words());
}

}  // namespace
}  // namespace mrmllm
