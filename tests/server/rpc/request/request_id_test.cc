// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/request_id.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(RequestIdTest, TakesPrintableAsciiUpToTheLimit) {
  EXPECT_TRUE(IsValidRequestId("a b~"));
  EXPECT_TRUE(IsValidRequestId(std::string(kMaxRequestIdBytes, 'x')));
  EXPECT_FALSE(IsValidRequestId(std::string(kMaxRequestIdBytes + 1, 'x')));
  EXPECT_FALSE(IsValidRequestId(""));
  EXPECT_FALSE(IsValidRequestId("a\n"));
  EXPECT_FALSE(IsValidRequestId("caf\xC3\xA9"));
}

TEST(RequestIdTest, FreshOnesAreValidAndDistinct) {
  EXPECT_TRUE(IsValidRequestId(FreshRequestId()));
  EXPECT_EQ(FreshRequestId().size(), 32u);
  EXPECT_NE(FreshRequestId(), FreshRequestId());
}

}  // namespace
}  // namespace mrmllm
