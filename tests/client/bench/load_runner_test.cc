// SPDX-License-Identifier: Apache-2.0
#include "client/bench/load_runner.h"

#include "client/bench/arrivals.h"
#include "client/bench/percentiles.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/bench/virtual_server.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::Each;
using testing::Field;

class LoadRunnerTest : public testing::Test {
 protected:
  LevelResult Run(VirtualServer* server, const LevelPlan& plan) {
    return LoadRunner(&workload_, server, server).Run(plan);
  }

  static std::vector<absl::Duration> Latencies(const LevelResult& result) {
    std::vector<absl::Duration> latencies;
    for (const Sample& sample : result.samples) latencies.push_back(sample.latency);
    return latencies;
  }

  Workload workload_{{.mix = *RpcMix::Parse("perceive"), .images = {"image"}, .questions = {"?"}}};
};

TEST_F(LoadRunnerTest, ClosedLoopKeepsEveryClientBusy) {
  VirtualServer server(4, absl::Milliseconds(100));
  const LevelResult result = Run(&server, {.clients = 4, .warmup = 4, .requests = 40});
  EXPECT_EQ(result.samples.size(), 40u);
  EXPECT_EQ(server.most_in_flight, 4);
  EXPECT_EQ(result.window, absl::Seconds(1));
  EXPECT_THAT(Latencies(result), Each(absl::Milliseconds(100)));
}

TEST_F(LoadRunnerTest, ClosedLoopOfMoreClientsThanWorkersWaitsInTheirQueue) {
  VirtualServer server(1, absl::Milliseconds(100));
  const LevelResult result = Run(&server, {.clients = 5, .warmup = 5, .requests = 20});
  EXPECT_EQ(result.window, absl::Seconds(2));
  EXPECT_THAT(Latencies(result), Each(absl::Milliseconds(500)));
}

TEST_F(LoadRunnerTest, ClosedLoopEndsAfterItsDurationAndCountsWhatEndedInIt) {
  VirtualServer server(2, absl::Milliseconds(300));
  const LevelResult result = Run(&server, {.clients = 2, .duration = absl::Seconds(1)});
  EXPECT_EQ(result.window, absl::Seconds(1));
  EXPECT_EQ(result.samples.size(), 6u);
  EXPECT_EQ(server.queries.size(), 8u);
  EXPECT_FALSE(result.stopped);
}

TEST_F(LoadRunnerTest, ClosedLoopCountsAFailureAndGoesOn) {
  VirtualServer server(1, absl::Milliseconds(100));
  server.on_request = [&](const Query&, Reply* reply) {
    if (server.queries.size() % 3 == 2) reply->status = absl::ResourceExhaustedError("full");
  };
  const LevelResult result = Run(&server, {.clients = 1, .requests = 9});
  int failed = 0;
  for (const Sample& sample : result.samples) failed += sample.code != absl::StatusCode::kOk;
  EXPECT_EQ(failed, 3);
  EXPECT_THAT(result.first_error, StatusIs(absl::StatusCode::kResourceExhausted, "full"));
}

TEST_F(LoadRunnerTest, OpenLoopSendsAtTheArrivalsOfItsSeed) {
  VirtualServer server(100, absl::Milliseconds(10));
  const LevelResult result = Run(&server, {.rate = 20, .warmup = 3, .requests = 200, .seed = 9});
  PoissonArrivals arrivals(20, 9);
  for (const absl::Duration start : server.starts) EXPECT_EQ(start, arrivals.Next());
  EXPECT_EQ(server.starts.size(), 203u);
  EXPECT_EQ(result.samples.size(), 200u);
  EXPECT_NEAR(200 / absl::ToDoubleSeconds(result.window), 20, 4);
  EXPECT_EQ(result.latest_start, absl::ZeroDuration());
}

TEST_F(LoadRunnerTest, OpenLoopEndsAfterItsDuration) {
  VirtualServer server(100, absl::Milliseconds(10));
  const LevelResult result = Run(&server, {.rate = 20, .warmup = 2, .duration = absl::Seconds(30)});
  EXPECT_EQ(result.window, absl::Seconds(30));
  EXPECT_NEAR(static_cast<double>(result.samples.size()), 600, 100);
}

// A server that stands still for a second: a caller who waits for it would notice once; the
// arrivals of that second all do.
TEST_F(LoadRunnerTest, OpenLoopDoesNotHideAStandstill) {
  VirtualServer server(1, absl::Milliseconds(1));
  server.Stall(absl::Seconds(2), absl::Seconds(1));
  const LevelResult result = Run(&server, {.rate = 100, .duration = absl::Seconds(10)});
  const Distribution latency = DistributionOf(Latencies(result));
  EXPECT_GT(latency.p95, absl::Milliseconds(300));
  EXPECT_GT(latency.max, absl::Milliseconds(900));
  EXPECT_LT(latency.p50, absl::Milliseconds(10));
}

TEST_F(LoadRunnerTest, OpenLoopWaitsForWhatArrivedButCountsItsEndOutsideTheWindow) {
  VirtualServer server(1, absl::Milliseconds(100));
  const LevelResult result =
      Run(&server, {.rate = 50, .max_in_flight = 1000, .duration = absl::Seconds(4)});
  int in_window = 0;
  for (const Sample& sample : result.samples) in_window += sample.in_window;
  EXPECT_EQ(result.samples.size(), server.queries.size());
  EXPECT_NEAR(in_window, 40, 1);
  EXPECT_GT(result.samples.size(), 150u);
}

TEST_F(LoadRunnerTest, OpenLoopCountsWhatFindsNoPlace) {
  VirtualServer server(1, absl::Milliseconds(100));
  const LevelResult result =
      Run(&server, {.rate = 50, .max_in_flight = 3, .duration = absl::Seconds(4)});
  EXPECT_EQ(server.most_in_flight, 3);
  EXPECT_GT(result.not_sent, 100);
  EXPECT_LE(DistributionOf(Latencies(result)).max, absl::Milliseconds(300));
}

TEST_F(LoadRunnerTest, TimesTheFirstTokenFromTheArrivalAndTheOthersFromTheFirst) {
  VirtualServer server(1, absl::Milliseconds(500));
  server.on_request = [](const Query&, Reply* reply) {
    reply->first_boxes = reply->ended - absl::Milliseconds(450);
    reply->first_text = reply->ended - absl::Milliseconds(300);
    reply->answer_tokens = 4;
  };
  const LevelResult result = Run(&server, {.clients = 2, .warmup = 2, .requests = 1});
  ASSERT_EQ(result.samples.size(), 1u);
  // Of two clients and one worker, each waits 500 ms in the queue.
  EXPECT_EQ(result.samples[0].latency, absl::Milliseconds(1000));
  EXPECT_EQ(result.samples[0].first_boxes, absl::Milliseconds(550));
  EXPECT_EQ(result.samples[0].first_token, absl::Milliseconds(700));
  EXPECT_EQ(result.samples[0].per_token, absl::Milliseconds(100));
}

TEST_F(LoadRunnerTest, StoppedItKeepsWhatItHas) {
  VirtualServer server(2, absl::Milliseconds(100));
  LoadRunner runner(&workload_, &server, &server);
  int ends = 0;
  server.on_end = [&] {
    if (++ends == 7) runner.Stop();
  };
  const LevelResult result = runner.Run({.clients = 2, .requests = 1000});
  EXPECT_TRUE(result.stopped);
  EXPECT_TRUE(server.cancelled);
  EXPECT_EQ(result.samples.size(), 7u);
  EXPECT_EQ(result.unfinished, 1);
  EXPECT_TRUE(runner.Run({.rate = 5, .requests = 10}).samples.empty());
}

TEST_F(LoadRunnerTest, EveryLevelSendsTheSameRequests) {
  VirtualServer server(1, absl::Milliseconds(10));
  Workload workload({.mix = *RpcMix::Parse("detect,ask,perceive"),
                     .images = {"a", "b", "c"},
                     .questions = {"?"}});
  LoadRunner runner(&workload, &server, &server);
  runner.Run({.clients = 1, .requests = 20});
  runner.Run({.rate = 4, .requests = 20});
  ASSERT_GE(server.queries.size(), 40u);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(server.queries[i].rpc, server.queries[20 + i].rpc);
    EXPECT_EQ(server.queries[i].image, server.queries[20 + i].image);
  }
}

}  // namespace
}  // namespace mrmllm
