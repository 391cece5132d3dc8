// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors_writer.h"

#include <filesystem>

#include "gtest/gtest.h"
#include "tests/model/checkpoint/scratch_directory.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

TEST(SafetensorsWriterTest, WhatIsWrittenIsReadBack) {
  const ScratchDirectory directory;
  const TensorMap written = {{"a", torch::randn({3, 5})},
                             {"b.weight", torch::randn({4}).to(at::kBFloat16)},
                             {"c", torch::arange(6, at::kLong).view({2, 3}).t()},
                             {"none", torch::empty({0, 7})}};
  ASSERT_THAT(WriteSafetensors(directory.File("x.safetensors"), written), IsOk());
  const auto read = MapSafetensors(directory.File("x.safetensors"));
  ASSERT_THAT(read.status(), IsOk());
  ASSERT_EQ(read->size(), written.size());
  for (const auto& [name, tensor] : written) {
    EXPECT_EQ(read->at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read->at(name), tensor)) << name;
  }
}

TEST(SafetensorsWriterTest, AReaderKeepsTheOldFileWhileANewOneTakesItsPlace) {
  const ScratchDirectory directory;
  const std::string path = directory.File("x.safetensors");
  ASSERT_THAT(WriteSafetensors(path, {{"a", torch::zeros({2})}}), IsOk());
  const TensorMap old = MapSafetensors(path).value();
  ASSERT_THAT(WriteSafetensors(path, {{"a", torch::ones({2})}}), IsOk());
  EXPECT_TRUE(at::equal(old.at("a"), torch::zeros({2})));
  EXPECT_TRUE(at::equal(MapSafetensors(path)->at("a"), torch::ones({2})));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(SafetensorsWriterTest, SaysWhatCannotBeWritten) {
  const ScratchDirectory directory;
  EXPECT_THAT(WriteSafetensors(directory.File("x"), {{"a", torch::zeros({2}, at::kBool)}}),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("'a': dtype")));
  EXPECT_THAT(WriteSafetensors(directory.File("no/such/folder"), {{"a", torch::zeros({2})}}),
              StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("no/such/folder")));
}

}  // namespace
}  // namespace mrmllm
