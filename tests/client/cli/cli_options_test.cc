// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_options.h"

#include <cstdlib>
#include <fstream>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

TEST(ParseTimeoutTest, TakesUnitsAndBareSeconds) {
  EXPECT_THAT(ParseTimeout("90s"), IsOkAndHolds(absl::Seconds(90)));
  EXPECT_THAT(ParseTimeout("1m30s"), IsOkAndHolds(absl::Seconds(90)));
  EXPECT_THAT(ParseTimeout("2.5"), IsOkAndHolds(absl::Milliseconds(2500)));
  EXPECT_THAT(ParseTimeout("inf"), IsOkAndHolds(absl::InfiniteDuration()));
}

TEST(ParseTimeoutTest, RefusesWhatIsNoTime) {
  for (const char* text : {"", "soon", "0", "-3s", "5 parsecs"}) {
    EXPECT_THAT(ParseTimeout(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

class CliOptionsTest : public testing::Test {
 protected:
  CliOptionsTest() {
    AddGlobalOptions(app_, &global_);
    AddPerceptionOptions(app_, &perception_);
    AddGenerationOptions(app_, &generation_);
    AddSchedulingOptions(app_, &scheduling_);
  }

  CLI::App app_;
  GlobalOptions global_;
  v1::PerceptionSettings perception_;
  v1::GenerationSettings generation_;
  v1::SchedulingSettings scheduling_;
};

TEST_F(CliOptionsTest, LeavesAbsentWhatIsNotGiven) {
  app_.parse("");
  EXPECT_EQ(perception_.ByteSizeLong(), 0u);
  EXPECT_EQ(generation_.ByteSizeLong(), 0u);
  EXPECT_EQ(scheduling_.ByteSizeLong(), 0u);
  EXPECT_FALSE(global_.client.tls.enabled);
}

TEST_F(CliOptionsTest, ReadsTheApiKeyFromAFile) {
  const std::string path = testing::TempDir() + "/CliOptionsTest.key";
  std::ofstream(path) << "mrm_key \n";
  app_.parse("--api-key-file " + path);
  EXPECT_EQ(global_.client.api_key, "mrm_key");
  EXPECT_THROW(app_.parse("--api-key-file /nowhere/key"), CLI::ValidationError);
}

TEST_F(CliOptionsTest, FillsPerceptionSettings) {
  app_.parse(
      "--threshold 0 --max-objects 5 --class dog --class \"potted plant\" --no-query-fusion");
  EXPECT_TRUE(perception_.has_score_threshold());
  EXPECT_EQ(perception_.max_object_count(), 5);
  EXPECT_THAT(perception_.classes(), ElementsAre("dog", "potted plant"));
  EXPECT_FALSE(perception_.mechanisms().query_fusion());
  EXPECT_FALSE(perception_.mechanisms().has_perception_prompt());
  EXPECT_FALSE(perception_.has_second_look());
}

TEST_F(CliOptionsTest, SaysWhenToLookAgain) {
  app_.parse("--second-look always --max-crops 16");
  EXPECT_EQ(perception_.second_look().mode(), v1::SECOND_LOOK_MODE_ALWAYS);
  EXPECT_EQ(perception_.second_look().max_crop_count(), 16);
}

TEST_F(CliOptionsTest, FillsGenerationSettings) {
  app_.parse(
      "--max-new-tokens 9 --temperature 0.5 --top-p 0.9 --top-k 3 --repetition-penalty 1.5 "
      "--seed -7 --stop END --stop Q:");
  EXPECT_EQ(generation_.max_new_token_count(), 9);
  EXPECT_FLOAT_EQ(generation_.temperature(), 0.5f);
  EXPECT_FLOAT_EQ(generation_.top_p(), 0.9f);
  EXPECT_EQ(generation_.top_k(), 3);
  EXPECT_FLOAT_EQ(generation_.repetition_penalty(), 1.5f);
  EXPECT_EQ(generation_.seed(), -7);
  EXPECT_THAT(generation_.stop(), ElementsAre("END", "Q:"));
}

TEST_F(CliOptionsTest, TakesUrgencyAndTenant) {
  app_.parse("--priority low --tenant team-7");
  EXPECT_EQ(scheduling_.priority(), v1::PRIORITY_LOW);
  EXPECT_EQ(global_.client.tenant, "team-7");
}

TEST_F(CliOptionsTest, RefusesValuesOutOfRange) {
  for (const char* line : {"--threshold 1.5", "--max-objects 0", "--max-new-tokens 3000",
                           "--temperature -1", "--priority urgent", "--second-look often",
                           "--max-crops 17", "--retries 0", "--timeout soon"}) {
    EXPECT_THROW(app_.parse(line), CLI::ValidationError) << line;
  }
}

TEST_F(CliOptionsTest, TlsFilesImplyTls) {
  app_.parse("--tls-ca ca.pem");
  EXPECT_TRUE(global_.client.tls.enabled);
  EXPECT_EQ(global_.client.tls.root_certificates_file, "ca.pem");
}

TEST_F(CliOptionsTest, TlsFilesMayComeFromTheEnvironment) {
  setenv("MRMLLM_TLS_CA", "ca.pem", /*overwrite=*/1);
  setenv("MRMLLM_TLS_CERT", "", /*overwrite=*/1);
  app_.parse("--tls-server-name inference");
  unsetenv("MRMLLM_TLS_CA");
  unsetenv("MRMLLM_TLS_CERT");
  EXPECT_TRUE(global_.client.tls.enabled);
  EXPECT_EQ(global_.client.tls.root_certificates_file, "ca.pem");
  EXPECT_EQ(global_.client.tls.client_certificate_file, "");
  EXPECT_EQ(global_.client.tls.server_name, "inference");
}

TEST_F(CliOptionsTest, TheEnvironmentSwitchesTlsOnAndOff) {
  for (const auto& [value, enabled] : {std::pair("true", true), std::pair("false", false)}) {
    setenv("MRMLLM_TLS", value, /*overwrite=*/1);
    app_.parse("");
    unsetenv("MRMLLM_TLS");
    EXPECT_EQ(global_.client.tls.enabled, enabled) << value;
  }
}

TEST_F(CliOptionsTest, TakesServerAndTimeout) {
  app_.parse("-s host:7 --timeout 250ms --retries 1");
  EXPECT_EQ(global_.client.server_address, "host:7");
  EXPECT_EQ(global_.client.timeout, absl::Milliseconds(250));
  EXPECT_EQ(global_.client.retry.max_attempts, 1);
}

}  // namespace
}  // namespace mrmllm
