// SPDX-License-Identifier: Apache-2.0
#include "base/trace_context.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

TEST(TraceParentTest, ReadsItsFields) {
  const std::string text = absl::StrCat("00-", kTrace, "-", kSpan, "-01");
  const auto parent = ParseTraceParent(text);
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(TraceHex(parent->trace_id), kTrace);
  EXPECT_EQ(TraceHex(parent->span_id), kSpan);
  EXPECT_TRUE(parent->sampled);
  EXPECT_EQ(FormatTraceParent(*parent), text);
}

struct ParentCase {
  const char* what;
  std::string text;
  bool valid;
  bool sampled = false;
};

class TraceParentTableTest : public testing::TestWithParam<ParentCase> {};

TEST_P(TraceParentTableTest, IsReadByTheRecommendation) {
  const auto parent = ParseTraceParent(GetParam().text);
  ASSERT_EQ(parent.has_value(), GetParam().valid) << GetParam().what << ": " << GetParam().text;
  EXPECT_EQ(parent.value_or(TraceParent()).sampled, GetParam().sampled) << GetParam().what;
}

std::string With(const char* version, const std::string& trace, const std::string& span,
                 const char* rest) {
  return absl::StrCat(version, "-", trace, "-", span, "-", rest);
}

INSTANTIATE_TEST_SUITE_P(
    All, TraceParentTableTest,
    testing::Values(
        ParentCase{"sampled", With("00", kTrace, kSpan, "01"), true, true},
        ParentCase{"not sampled", With("00", kTrace, kSpan, "00"), true, false},
        ParentCase{"unknown flags count for nothing", With("00", kTrace, kSpan, "fe"), true, false},
        ParentCase{"unknown flags beside sampled", With("00", kTrace, kSpan, "ff"), true, true},
        ParentCase{"later version", With("01", kTrace, kSpan, "01"), true, true},
        ParentCase{"later version with more", With("cc", kTrace, kSpan, "01-what-ever"), true,
                   true},
        ParentCase{"later version, glued", With("cc", kTrace, kSpan, "01x"), false},
        ParentCase{"later version, one digit of flags", With("cc", kTrace, kSpan, "1"), false},
        ParentCase{"version ff", With("ff", kTrace, kSpan, "01"), false},
        ParentCase{"version 00 with more", With("00", kTrace, kSpan, "01-"), false},
        ParentCase{"version in capitals", With("0A", kTrace, kSpan, "01"), false},
        ParentCase{"trace in capitals", With("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"),
                   false},
        ParentCase{"span in capitals", With("00", kTrace, "00F067AA0BA902B7", "01"), false},
        ParentCase{"no trace", With("00", std::string(32, '0'), kSpan, "01"), false},
        ParentCase{"no span", With("00", kTrace, std::string(16, '0'), "01"), false},
        ParentCase{"short trace", With("00", "4bf92f3577b34da6a3ce929d0e0e473", kSpan, "01"),
                   false},
        ParentCase{"no digit", With("00", "4bf92f3577b34da6a3ce929d0e0e473g", kSpan, "01"), false},
        ParentCase{"flags without digits", With("00", kTrace, kSpan, "0."), false},
        ParentCase{"other dashes", absl::StrCat("00_", kTrace, "_", kSpan, "_01"), false},
        ParentCase{"leading space", absl::StrCat(" ", With("00", kTrace, kSpan, "01")), false},
        ParentCase{"empty", "", false}));

TEST(TraceStateTest, KeepsAListAsItCame) {
  EXPECT_EQ(CleanTraceState("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
            "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  EXPECT_EQ(CleanTraceState("1tenant@sys=a b"), "1tenant@sys=a b");
  EXPECT_EQ(CleanTraceState(" a=1 ,,\t b_-*/=2\t,"), "a=1,b_-*/=2");
  EXPECT_EQ(CleanTraceState(""), "");
}

TEST(TraceStateTest, RefusesTheWholeListForOneFault) {
  for (const char* text : {"a", "a=", "=1", "A=1", "1a=1", "a@1sys=1", "@sys=1", "a@=1", "a=1,a=2",
                           "a=b=c", "a=1,b=\x01", "a=\xc3\xa9", "a b=1"}) {
    EXPECT_EQ(CleanTraceState(text), "") << text;
  }
  EXPECT_EQ(CleanTraceState(std::string(257, 'a') + "=1"), "");
  EXPECT_EQ(CleanTraceState("a=" + std::string(257, 'v')), "");
}

std::string Members(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "" : ",", "k", i, "=v");
  return text;
}

TEST(TraceStateTest, HasRoomFor32Members) {
  EXPECT_EQ(CleanTraceState(Members(32)), Members(32));
  EXPECT_EQ(CleanTraceState(Members(33)), "");
}

TEST(TraceStateTest, LongMembersGoBeforeTheLastOnes) {
  const std::string large = "large=" + std::string(200, 'v');
  const std::string small = "a=" + std::string(100, 'v');
  const std::string four = absl::StrCat(small, ",b", small, ",c", small, ",d", small);
  EXPECT_EQ(CleanTraceState(absl::StrCat(large, ",", four)), four);
  EXPECT_EQ(CleanTraceState(absl::StrCat(four, ",e", small)), four);
}

TEST(TraceContextTest, WithoutSpansOnlyTheCallersTraceIsKnown) {
  TraceContext trace{.trace_id = FreshTraceId(),
                     .span_id = FreshSpanId(),
                     .parent_id = FreshSpanId(),
                     .sampled = true,
                     .state = "a=1"};
  const TraceContext callers{.trace_id = trace.trace_id, .parent_id = trace.parent_id};
  EndSampling(&trace);
  EXPECT_EQ(trace, callers);
  TraceContext own{.trace_id = FreshTraceId(), .span_id = FreshSpanId(), .sampled = true};
  EndSampling(&own);
  EXPECT_EQ(own, TraceContext());
}

TEST(TraceIdTest, FreshOnesDiffer) {
  EXPECT_NE(FreshTraceId(), FreshTraceId());
  EXPECT_NE(FreshSpanId(), FreshSpanId());
  EXPECT_FALSE(IsNone(FreshTraceId()));
  EXPECT_TRUE(IsNone(TraceId{}));
}

}  // namespace
}  // namespace mrmllm
