// SPDX-License-Identifier: Apache-2.0
#include "client/output/progress.h"

#include <sstream>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ProgressTest, ShowsHowFarItIs) {
  EXPECT_EQ(ProgressLine(5, 10, "b.jpg", 79), "  [############............]  5/10  b.jpg");
}

TEST(ProgressTest, LeavesOutANameThatDoesNotFit) {
  EXPECT_EQ(ProgressLine(10, 10, std::string(99, 'x'), 79),
            "  [########################]  10/10  ");
}

TEST(ProgressTest, RemovesItsLineAtTheEnd) {
  std::ostringstream out;
  { Progress(out, true, 3).Show(1, "a"); }
  EXPECT_TRUE(out.str().ends_with("\r\033[K"));
}

TEST(ProgressTest, StaysSilentWhenOffOrForOneFile) {
  std::ostringstream out;
  Progress(out, false, 3).Show(1, "a");
  Progress(out, true, 1).Show(1, "a");
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace mrmllm
