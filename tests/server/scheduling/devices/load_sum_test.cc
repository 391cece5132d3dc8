// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/load_sum.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/recording_observer.h"

namespace mrmllm {
namespace {

TEST(LoadSumTest, TellsTheLoadOfAllDevicesTogether) {
  RecordingObserver observer;
  LoadSum sum(&observer, 2);
  sum.device(0)->OnLoad(1, 2, 300);
  EXPECT_EQ(observer.last_load(), "1 waiting, 2 running, 300 bytes");
  sum.device(1)->OnLoad(10, 20, 3000);
  EXPECT_EQ(observer.last_load(), "11 waiting, 22 running, 3300 bytes");
  sum.device(0)->OnLoad(0, 0, 0);
  EXPECT_EQ(observer.last_load(), "10 waiting, 20 running, 3000 bytes");
}

TEST(LoadSumTest, PassesTheRestOnAsItIs) {
  RecordingObserver alone;
  alone.OnStep(StepKind::kDecode, 3, 3, absl::Milliseconds(7));
  alone.OnQueueWait(StepKind::kPrefill, absl::Milliseconds(1));
  alone.OnFirstToken(absl::Milliseconds(20));
  alone.OnTimePerOutputToken(absl::Milliseconds(4));
  alone.OnSharedPerceptions(3);

  RecordingObserver observer;
  LoadSum sum(&observer, 2);
  sum.device(1)->OnStep(StepKind::kDecode, 3, 3, absl::Milliseconds(7));
  sum.device(0)->OnQueueWait(StepKind::kPrefill, absl::Milliseconds(1));
  sum.device(1)->OnFirstToken(absl::Milliseconds(20));
  sum.device(0)->OnTimePerOutputToken(absl::Milliseconds(4));
  sum.device(1)->OnSharedPerceptions(3);
  EXPECT_EQ(observer.Words(), alone.Words());
}

}  // namespace
}  // namespace mrmllm
