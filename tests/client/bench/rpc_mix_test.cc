// SPDX-License-Identifier: Apache-2.0
#include "client/bench/rpc_mix.h"

#include <map>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

TEST(RpcMixTest, PicksByWeight) {
  const RpcMix mix = *RpcMix::Parse("detect=1,ask=2,perceive=7");
  std::mt19937_64 random(5);
  std::map<Rpc, int> picked;
  for (int i = 0; i < 10'000; ++i) ++picked[mix.Pick(random)];
  EXPECT_NEAR(picked[Rpc::kDetect], 1000, 120);
  EXPECT_NEAR(picked[Rpc::kAsk], 2000, 160);
  EXPECT_NEAR(picked[Rpc::kPerceive], 7000, 180);
}

TEST(RpcMixTest, NeverPicksWhatHasNoWeight) {
  const RpcMix mix = *RpcMix::Parse("detect=1,perceive=0");
  std::mt19937_64 random(5);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(mix.Pick(random), Rpc::kDetect);
}

TEST(RpcMixTest, ReadsWhatItPrints) {
  EXPECT_EQ(RpcMix::Parse("ask")->ToString(), "ask");
  EXPECT_EQ(RpcMix::Parse("perceive=3,detect=1")->ToString(), "detect=0.25,perceive=0.75");
  EXPECT_EQ(RpcMix::Parse("detect=0.25,perceive=0.75")->share(Rpc::kPerceive), 0.75);
}

TEST(RpcMixTest, SaysWhatIsWrong) {
  const auto invalid = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  EXPECT_THAT(RpcMix::Parse("paint=1"), invalid("expected detect, ask or perceive, got 'paint'"));
  EXPECT_THAT(RpcMix::Parse(""), invalid("got ''"));
  EXPECT_THAT(RpcMix::Parse("ask=-1"), invalid("a weight of 0 or more for ask, got '-1'"));
  EXPECT_THAT(RpcMix::Parse("ask=many"), invalid("got 'many'"));
  EXPECT_THAT(RpcMix::Parse("ask=nan"), invalid("got 'nan'"));
  EXPECT_THAT(RpcMix::Parse("ask=0"), invalid("a weight above 0"));
}

}  // namespace
}  // namespace mrmllm
