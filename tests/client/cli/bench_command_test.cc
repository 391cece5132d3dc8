// SPDX-License-Identifier: Apache-2.0
#include "client/cli/bench_command.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/synchronization/mutex.h"
#include "client/cli/command_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/client/fake_service.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Runs `mrmllm bench` against a scripted server.
class BenchCommandTest : public testing::Test {
 protected:
  BenchCommandTest() {
    folder_ = testing::TempDir() + "bench_command_test";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/a.bmp") << "picture";
    server_.service.models.add_models()->set_name("coco-135m");
    server_.service.detect = [this](auto*, const v1::DetectRequest& request, auto*) {
      absl::MutexLock lock(&mutex_);
      contents_.insert(request.images(0).content());
      ++detects_;
      return grpc::Status::OK;
    };
    server_.service.perceive_stream = [](auto*, const auto&, auto* writer) {
      v1::PerceiveAndAnswerStreamResponse message;
      message.mutable_perception();
      writer->Write(message);
      message.set_text_delta("A dog.");
      writer->Write(message);
      message.mutable_summary()->mutable_usage()->set_answer_token_count(3);
      writer->Write(message);
      return grpc::Status::OK;
    };
  }
  ~BenchCommandTest() override { std::filesystem::remove_all(folder_); }

  ExitCode Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "bench");
    arguments.insert(arguments.end(), {folder_, "--server", server_.address(), "--retries", "1"});
    out_.str("");
    err_.str("");
    return RunCommandLine(std::move(arguments), console_);
  }

  FakeServer server_;
  std::string folder_;
  absl::Mutex mutex_;
  std::set<std::string> contents_;
  int detects_ = 0;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.in = in_, .out = out_, .err = err_};
};

TEST_F(BenchCommandTest, PrintsARowForEachLevel) {
  EXPECT_EQ(Run({"--clients", "1,3", "--requests", "6"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("coco-135m"));
  EXPECT_THAT(out_.str(), testing::ContainsRegex("\n +1  perceive +6 +0 "));
  EXPECT_THAT(out_.str(), testing::ContainsRegex("\n +3  perceive +6 +0 "));
}

TEST_F(BenchCommandTest, WritesJsonAndNothingElseToStandardOutput) {
  EXPECT_EQ(Run({"--requests", "4", "--warmup", "0", "--json", "-"}), ExitCode::kOk);
  const json root = json::parse(out_.str());
  EXPECT_EQ(root["levels"][0]["perceive"]["ok"], 4);
  EXPECT_EQ(root["levels"][0]["perceive"]["first_token_ms"]["count"], 4);
  EXPECT_EQ(root["levels"][0]["perceive"]["per_token_ms"]["count"], 4);
}

TEST_F(BenchCommandTest, WritesFiles) {
  const std::string chart = folder_ + "/chart.svg", result = folder_ + "/result.json";
  EXPECT_EQ(Run({"--requests", "2", "--chart", chart, "--json", result}), ExitCode::kOk);
  std::stringstream text;
  text << std::ifstream(result).rdbuf();
  EXPECT_EQ(json::parse(text.str())["levels"].size(), 1u);
  EXPECT_TRUE(std::filesystem::file_size(chart) > 1000);
  EXPECT_THAT(out_.str(), HasSubstr("perceive"));
}

TEST_F(BenchCommandTest, ColdPicturesAreAllDifferentAndWarmOnesAreNot) {
  EXPECT_EQ(Run({"--mix", "detect", "--requests", "5", "--warmup", "0"}), ExitCode::kOk);
  EXPECT_EQ(static_cast<int>(contents_.size()), detects_);
  EXPECT_GE(detects_, 5);
  contents_.clear();
  EXPECT_EQ(Run({"--mix", "detect", "--requests", "5", "--warm"}), ExitCode::kOk);
  EXPECT_THAT(contents_, testing::ElementsAre("picture"));
}

TEST_F(BenchCommandTest, AnOpenLoopSendsAtItsRate) {
  EXPECT_EQ(Run({"--mix", "detect", "--rate", "2000", "--requests", "20", "--json", "-"}),
            ExitCode::kOk);
  const json level = json::parse(out_.str())["levels"][0];
  EXPECT_EQ(level["rate"], 2000);
  EXPECT_EQ(level["detect"]["ended"], 20);
  EXPECT_EQ(detects_, 25);
}

TEST_F(BenchCommandTest, FailuresAreCountedAndDecideTheExitCode) {
  server_.service.detect = [](auto*, const auto&, auto*) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full");
  };
  EXPECT_EQ(Run({"--mix", "detect", "--requests", "3"}), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("3 RESOURCE_EXHAUSTED; the first: the queue is full"));
  EXPECT_EQ(Run({"--mix", "detect,perceive", "--requests", "40"}), ExitCode::kSomeFailed);
}

TEST_F(BenchCommandTest, NamesABadOption) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{"--clients", "4,none"}, "--clients: expected numbers above 0, at most 10000"},
      {{"--clients", "0"}, "got '0'"},
      {{"--rate", "-1"}, "--rate: expected numbers above 0"},
      {{"--rate", "5", "--clients", "2"}, "--clients excludes --rate"},
      {{"--duration", "5s", "--requests", "2"}, "--requests excludes --duration"},
      {{"--mix", "paint"}, "--mix: expected detect, ask or perceive, got 'paint'"},
      {{"--questions", "/no/such/file"}, "/no/such/file"},
      {{"--max-new-tokens", "0"}, "--max-new-tokens"},
      {{"/no/such/picture.jpg"}, "/no/such/picture.jpg"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(Run(arguments), ExitCode::kUsage) << message;
    EXPECT_THAT(err_.str(), HasSubstr(message));
  }
}

TEST_F(BenchCommandTest, NeedsAServer) {
  EXPECT_EQ(RunCommandLine({"bench", folder_, "-s", "127.0.0.1:1", "--retries", "1"}, console_),
            ExitCode::kUnreachable);
  EXPECT_THAT(err_.str(), HasSubstr("Is the server running"));
}

}  // namespace
}  // namespace mrmllm
