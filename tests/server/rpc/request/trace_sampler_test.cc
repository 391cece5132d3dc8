// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/trace_sampler.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr char kSampled[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kUnsampled[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

TEST(TraceSamplerTest, ACallersSampledTraceGoesOn) {
  const TraceContext trace =
      TraceSampler(0).Begin({{"traceparent", kSampled}, {"tracestate", "a=1"}});
  EXPECT_TRUE(trace.sampled);
  EXPECT_EQ(TraceHex(trace.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(TraceHex(trace.parent_id), "00f067aa0ba902b7");
  EXPECT_FALSE(IsNone(trace.span_id));
  EXPECT_NE(trace.span_id, trace.parent_id);
  EXPECT_EQ(trace.state, "a=1");
}

TEST(TraceSamplerTest, ACallersUnsampledTraceMakesNoSpans) {
  const TraceContext trace =
      TraceSampler(1).Begin({{"traceparent", kUnsampled}, {"tracestate", "a=1"}});
  EXPECT_FALSE(trace.sampled);
  EXPECT_EQ(TraceHex(trace.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(IsNone(trace.span_id));
  EXPECT_EQ(trace.state, "");
}

TEST(TraceSamplerTest, WithoutACallerATraceBegins) {
  const TraceContext trace = TraceSampler(1).Begin({});
  EXPECT_TRUE(trace.sampled);
  EXPECT_FALSE(IsNone(trace.trace_id));
  EXPECT_FALSE(IsNone(trace.span_id));
  EXPECT_TRUE(IsNone(trace.parent_id));
  EXPECT_EQ(TraceSampler(0).Begin({}), TraceContext());
}

TEST(TraceSamplerTest, WhatIsNoTraceParentCountsForNothing) {
  const TraceContext trace =
      TraceSampler(1).Begin({{"traceparent", "00-nonsense"}, {"tracestate", "a=1"}});
  EXPECT_TRUE(IsNone(trace.parent_id));
  EXPECT_EQ(trace.state, "");
  const TraceContext two =
      TraceSampler(1).Begin({{"traceparent", kSampled}, {"traceparent", kSampled}});
  EXPECT_TRUE(IsNone(two.parent_id));
}

TEST(TraceSamplerTest, AStateInPiecesIsOneList) {
  const TraceContext trace = TraceSampler(1).Begin(
      {{"traceparent", kSampled}, {"tracestate", "a=1,b=2"}, {"tracestate", "c=3"}});
  EXPECT_EQ(trace.state, "a=1,b=2,c=3");
}

TEST(TraceSamplerTest, OffItReadsTheTraceForTheLogs) {
  const TraceContext trace = TraceSampler().Begin({{"traceparent", kSampled}});
  EXPECT_FALSE(trace.sampled);
  EXPECT_EQ(TraceHex(trace.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(TraceSampler().Begin({}), TraceContext());
}

TEST(TraceSamplerTest, DecidesByTheTraceIdAlone) {
  TraceId lowest{};
  TraceId middle{};
  middle[9] = 0x80;
  TraceId highest;
  highest.fill(0xff);
  const TraceSampler half(0.5);
  EXPECT_FALSE(half.Samples(lowest));
  EXPECT_TRUE(half.Samples(middle));
  EXPECT_TRUE(half.Samples(highest));
  EXPECT_TRUE(TraceSampler(1).Samples(lowest));
  EXPECT_FALSE(TraceSampler(0).Samples(highest));
  TraceId other = middle;
  other[0] = 0x12;  // not among the random bits
  EXPECT_TRUE(half.Samples(other));
}

TEST(TraceSamplerTest, SamplesTheShareThatItWasTold) {
  const TraceSampler tenth(0.1);
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) sampled += tenth.Begin({}).sampled;
  EXPECT_GT(sampled, 800);
  EXPECT_LT(sampled, 1'200);
}

TEST(TraceSamplerTest, MessagesOfAStreamHaveSpansOfTheirOwn) {
  const TraceSampler sampler(1);
  const TraceContext call = sampler.Begin({{"traceparent", kSampled}});
  const TraceContext first = sampler.BeginMessage(call);
  const TraceContext second = sampler.BeginMessage(call);
  EXPECT_EQ(first.trace_id, call.trace_id);
  EXPECT_EQ(first.parent_id, call.parent_id);
  EXPECT_NE(first.span_id, second.span_id);

  const TraceContext own = sampler.Begin({});
  EXPECT_NE(sampler.BeginMessage(own).trace_id, sampler.BeginMessage(own).trace_id);
}

}  // namespace
}  // namespace mrmllm
