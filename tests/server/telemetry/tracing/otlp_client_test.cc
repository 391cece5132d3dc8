// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/otlp_client.h"

#include <thread>

#include "gtest/gtest.h"
#include "tests/server/telemetry/tracing/otlp_sink.h"

namespace mrmllm {
namespace {

OtlpClient::Request OneSpan() {
  OtlpClient::Request request;
  request.add_resource_spans()->add_scope_spans()->add_spans()->set_name("one");
  return request;
}

TEST(OtlpClientTest, DeliversAndTellsWhatWasRefused) {
  OtlpSink sink;
  for (const std::string& endpoint : {sink.endpoint(), "http://" + sink.endpoint()}) {
    auto client = MakeOtlpClient(endpoint);
    const auto refused = client->Export(OneSpan(), absl::Seconds(10));
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_EQ(*refused, 0);
  }
  EXPECT_EQ(sink.AwaitSpans(2)[0].name(), "one");
  sink.Refuse(1);
  EXPECT_EQ(*MakeOtlpClient(sink.endpoint())->Export(OneSpan(), absl::Seconds(10)), 1);
}

TEST(OtlpClientTest, FindsACollectorThatComesBack) {
  int port = 0;
  {
    OtlpSink sink;
    port = sink.port();
  }
  auto client = MakeOtlpClient("127.0.0.1:" + std::to_string(port));
  EXPECT_TRUE(absl::IsUnavailable(client->Export(OneSpan(), absl::Seconds(10)).status()));
  OtlpSink sink(port);
  absl::StatusOr<int64_t> refused = absl::UnknownError("not tried");
  while (!refused.ok()) refused = client->Export(OneSpan(), absl::Seconds(10));
  EXPECT_EQ(sink.AwaitSpans(1).size(), 1u);
}

TEST(OtlpClientTest, GivesUpOnACollectorThatDoesNotAnswer) {
  OtlpSink sink;
  sink.Hold();
  auto client = MakeOtlpClient(sink.endpoint());
  EXPECT_TRUE(absl::IsDeadlineExceeded(client->Export(OneSpan(), absl::Milliseconds(50)).status()));
}

TEST(OtlpClientTest, TlsIsNotPlainText) {
  OtlpSink sink;
  auto client = MakeOtlpClient("https://" + sink.endpoint());
  EXPECT_FALSE(client->Export(OneSpan(), absl::Seconds(10)).ok());
}

TEST(OtlpClientTest, CancelEndsWhatIsUnderWay) {
  OtlpSink sink;
  sink.Hold();
  auto client = MakeOtlpClient(sink.endpoint());
  std::thread thread([&] {
    sink.AwaitHeld();
    client->Cancel();
  });
  EXPECT_TRUE(absl::IsCancelled(client->Export(OneSpan(), absl::Minutes(10)).status()));
  thread.join();
  EXPECT_TRUE(absl::IsCancelled(client->Export(OneSpan(), absl::Minutes(10)).status()));
}

}  // namespace
}  // namespace mrmllm
