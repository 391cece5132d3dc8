// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/request_spans.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/mrmllm_service.pb.h"

namespace mrmllm {
namespace {

using opentelemetry::proto::trace::v1::Span;
using opentelemetry::proto::trace::v1::Status;
using testing::ElementsAre;
using testing::Not;

const absl::Time kArrival = absl::FromUnixSeconds(1'000);

RequestRecord AnswerRecord() {
  RequestRecord record{.method = "PerceiveAndAnswer",
                       .request_id = "r-1",
                       .tenant = "alice",
                       .trace = {.trace_id = FreshTraceId(),
                                 .span_id = FreshSpanId(),
                                 .parent_id = FreshSpanId(),
                                 .sampled = true,
                                 .state = "a=1"},
                       .priority = Priority::kHigh,
                       .scheduled = true,
                       .at = kArrival,
                       .total = absl::Milliseconds(100),
                       .handed_over = kArrival + absl::Milliseconds(1),
                       .image_decode = absl::Milliseconds(4),
                       .image_count = 2,
                       .cached_image_count = 1};
  record.result.usage = {.prompt_tokens = 50, .perception_tokens = 20, .answer_tokens = 7};
  record.result.timings = {.submitted = kArrival + absl::Milliseconds(5),
                           .perceive_queue = absl::Milliseconds(2),
                           .perceive = absl::Milliseconds(4),
                           .look_again = absl::Milliseconds(6),
                           .prefill_queue = absl::Milliseconds(3),
                           .prefill = absl::Milliseconds(20),
                           .decode = absl::Milliseconds(60),
                           .time_to_first_token = absl::Milliseconds(40)};
  return record;
}

std::vector<Span> SpansOf(const RequestRecord& record) {
  EXPECT_NE(v1::DetectRequest::descriptor(), nullptr);  // so that the service is linked
  google::protobuf::RepeatedPtrField<Span> spans;
  AddSpans(record, RpcNames(), &spans);
  EXPECT_EQ(spans.size(), CountSpans(record));
  return {spans.begin(), spans.end()};
}

std::map<std::string, std::string> Attributes(const Span& span) {
  std::map<std::string, std::string> found;
  for (const auto& attribute : span.attributes()) {
    found[attribute.key()] = attribute.value().has_int_value()
                                 ? absl::StrCat(attribute.value().int_value())
                                 : attribute.value().string_value();
  }
  return found;
}

int64_t Milliseconds(uint64_t nanos) {
  return absl::ToInt64Milliseconds(absl::FromUnixNanos(static_cast<int64_t>(nanos)) - kArrival);
}

std::string Line(const Span& span) {
  return absl::StrCat(span.name(), " ", Milliseconds(span.start_time_unix_nano()), " ",
                      Milliseconds(span.end_time_unix_nano()));
}

TEST(RequestSpansTest, EachStageIsASpanBelowTheRequests) {
  const RequestRecord record = AnswerRecord();
  const std::vector<Span> spans = SpansOf(record);
  std::vector<std::string> lines;
  for (const Span& span : spans) {
    lines.push_back(Line(span));
    EXPECT_EQ(span.trace_id(),
              std::string(record.trace.trace_id.begin(), record.trace.trace_id.end()));
    EXPECT_EQ(span.trace_state(), "a=1");
  }
  EXPECT_THAT(lines,
              ElementsAre("mrmllm.v1.MrMllmService/PerceiveAndAnswer 0 100", "image_decode 1 5",
                          "queue 5 7", "perceive 7 11", "look_again 11 17", "queue 17 20",
                          "prefill 20 40", "decode 40 100"));
  for (size_t i = 1; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].parent_span_id(), spans[0].span_id());
    EXPECT_NE(spans[i].span_id(), spans[i - 1].span_id());
    EXPECT_EQ(spans[i].kind(), Span::SPAN_KIND_INTERNAL);
  }
  EXPECT_EQ(Attributes(spans[2])["mrmllm.queue.before"], "perceive");
  EXPECT_EQ(Attributes(spans[5])["mrmllm.queue.before"], "prefill");
}

TEST(RequestSpansTest, TheRequestsSpanSaysWhoHowMuchAndHowItEnded) {
  const RequestRecord record = AnswerRecord();
  const Span span = SpansOf(record)[0];
  EXPECT_EQ(span.kind(), Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.span_id(), std::string(record.trace.span_id.begin(), record.trace.span_id.end()));
  EXPECT_EQ(span.parent_span_id(),
            std::string(record.trace.parent_id.begin(), record.trace.parent_id.end()));
  EXPECT_EQ(span.flags(), 0x301u);
  EXPECT_EQ(Attributes(span), (std::map<std::string, std::string>{
                                  {"rpc.system", "grpc"},
                                  {"rpc.service", "mrmllm.v1.MrMllmService"},
                                  {"rpc.method", "PerceiveAndAnswer"},
                                  {"rpc.grpc.status_code", "0"},
                                  {"mrmllm.request_id", "r-1"},
                                  {"mrmllm.tenant", "alice"},
                                  {"mrmllm.priority", "high"},
                                  {"mrmllm.images", "2"},
                                  {"mrmllm.images.cached", "1"},
                                  {"gen_ai.usage.input_tokens", "50"},
                                  {"gen_ai.usage.output_tokens", "7"},
                                  {"mrmllm.tokens.perception", "20"},
                              }));
  ASSERT_EQ(span.events_size(), 1);
  EXPECT_EQ(span.events(0).name(), "first_token");
  EXPECT_EQ(Milliseconds(span.events(0).time_unix_nano()), 40);
  EXPECT_EQ(span.status().code(), Status::STATUS_CODE_UNSET);
}

TEST(RequestSpansTest, WhatWasRefusedOnArrivalIsOneSpan) {
  RequestRecord record = AnswerRecord();
  record.trace.parent_id = {};
  record.image_decode = absl::ZeroDuration();
  record.result = {};
  record.status = absl::InvalidArgumentError("question: expected text, got 'my secret'");
  const std::vector<Span> spans = SpansOf(record);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].parent_span_id(), "");
  EXPECT_EQ(Attributes(spans[0])["rpc.grpc.status_code"], "3");
  EXPECT_EQ(Attributes(spans[0])["error.type"], "INVALID_ARGUMENT");
  // The caller's fault, so not the server's error.
  EXPECT_EQ(spans[0].status().code(), Status::STATUS_CODE_UNSET);
  EXPECT_THAT(spans[0].DebugString(), Not(testing::HasSubstr("my secret")));
}

TEST(RequestSpansTest, AFaultOfTheServerIsAnError) {
  RequestRecord record = AnswerRecord();
  for (const absl::Status& status :
       {absl::InternalError("a bug with my secret"), absl::UnavailableError("my secret")}) {
    record.status = status;
    const Span span = SpansOf(record)[0];
    EXPECT_EQ(span.status().code(), Status::STATUS_CODE_ERROR);
    EXPECT_THAT(span.DebugString(), Not(testing::HasSubstr("my secret")));
  }
}

TEST(RequestSpansTest, StagesThatDidNotComeMakeNoSpans) {
  RequestRecord record = AnswerRecord();
  record.result.timings = {.submitted = kArrival, .perceive = absl::Milliseconds(10)};
  record.image_decode = absl::ZeroDuration();
  const std::vector<Span> spans = SpansOf(record);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(Line(spans[1]), "perceive 0 10");
  EXPECT_EQ(spans[0].events_size(), 0);
}

}  // namespace
}  // namespace mrmllm
