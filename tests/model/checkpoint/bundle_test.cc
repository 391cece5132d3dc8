// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/bundle.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/checkpoint/scratch_directory.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

std::string Line(const std::string& name, const std::string& content) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  return absl::BytesToHexString(std::string(digest, digest + sizeof(digest))) + "  " + name + "\n";
}

class BundleTest : public testing::Test {
 protected:
  BundleTest() {
    std::ifstream config(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
    config_.assign(std::istreambuf_iterator<char>(config), {});
    directory_.Write("config.json", config_);
    directory_.Write("tokenizer.json", "{}");
    directory_.Write("checksums.txt", Line("config.json", config_) + Line("tokenizer.json", "{}"));
    directory_.WriteSafetensors("model.safetensors", "{}", "");
    directory_.WriteSafetensors("adapters.safetensors", "{}", "");
  }

  absl::Status Load() { return Bundle::Load(directory_.path(), {}).status(); }

  ScratchDirectory directory_;
  std::string config_;
};

TEST_F(BundleTest, ReadsAWholeDirectory) {
  auto bundle = Bundle::Load(directory_.path(), {});
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->config.name, "coco-135m");
}

TEST_F(BundleTest, NamesTheFileWhoseChecksumDiffers) {
  directory_.Write("tokenizer.json", "{ }");
  EXPECT_EQ(Load().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Load().message()), HasSubstr("tokenizer.json: checksum"));
}

TEST_F(BundleTest, WantsTheChecksumOfItsConfig) {
  directory_.Write("checksums.txt", Line("tokenizer.json", "{}"));
  EXPECT_THAT(std::string(Load().message()), HasSubstr("has no line for config.json"));
}

TEST_F(BundleTest, RefusesAListThatLeavesItsDirectory) {
  directory_.Write("checksums.txt", Line("../config.json", config_));
  EXPECT_EQ(Load().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(BundleTest, NamesTheMissingFile) {
  std::filesystem::remove(directory_.File("config.json"));
  EXPECT_EQ(Load().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Load().message()), HasSubstr("config.json"));
}

TEST_F(BundleTest, PutsTheFilesNameBeforeAConfigError) {
  directory_.Write("config.json", "{}");
  directory_.Write("checksums.txt", Line("config.json", "{}") + Line("tokenizer.json", "{}"));
  EXPECT_THAT(std::string(Load().message()), HasSubstr("config.json: format_version"));
}

}  // namespace
}  // namespace mrmllm
