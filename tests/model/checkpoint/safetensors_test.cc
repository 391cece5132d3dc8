// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/checkpoint/scratch_directory.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

std::string Floats(std::initializer_list<float> values) {
  std::string bytes;
  for (float value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  return bytes;
}

TEST(SafetensorsTest, MapsTensorsThatOutliveTheMap) {
  ScratchDirectory directory;
  directory.WriteSafetensors("a.safetensors",
                             R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})",
                             Floats({1, 2, 3, 4}));
  at::Tensor tensor;
  {
    auto tensors = MapSafetensors(directory.File("a.safetensors"));
    ASSERT_TRUE(tensors.ok()) << tensors.status();
    tensor = tensors->at("w");
  }
  EXPECT_TRUE(torch::equal(tensor, torch::tensor({{1.f, 2.f}, {3.f, 4.f}})));
}

TEST(SafetensorsTest, NamesTheMissingFile) {
  auto tensors = MapSafetensors("/nowhere/a.safetensors");
  EXPECT_EQ(tensors.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(tensors.status().message()), HasSubstr("/nowhere/a.safetensors"));
}

TEST(SafetensorsTest, JoinsTheShardsOfAnIndex) {
  ScratchDirectory directory;
  directory.WriteSafetensors(
      "1.safetensors", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", Floats({1}));
  directory.WriteSafetensors(
      "2.safetensors", R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", Floats({2}));
  directory.Write("model.safetensors.index.json",
                  R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  auto tensors = MapCheckpoint(directory.path());
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  EXPECT_EQ(tensors->at("b").item<float>(), 2);
}

TEST(SafetensorsTest, RefusesAnIndexThatLeavesItsDirectory) {
  ScratchDirectory directory;
  directory.Write("model.safetensors.index.json", R"({"weight_map":{"a":"../evil.safetensors"}})");
  auto tensors = MapCheckpoint(directory.path());
  EXPECT_EQ(tensors.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tensors.status().message()), HasSubstr("expected a file name"));
}

TEST(SafetensorsTest, RefusesAShardThatDisagreesWithItsIndex) {
  ScratchDirectory directory;
  directory.WriteSafetensors(
      "1.safetensors", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", Floats({1}));
  directory.Write("model.safetensors.index.json",
                  R"({"weight_map":{"a":"1.safetensors","b":"1.safetensors"}})");
  EXPECT_THAT(std::string(MapCheckpoint(directory.path()).status().message()),
              HasSubstr("places 'b' there, but it is missing"));
  directory.Write("model.safetensors.index.json", R"({"weight_map":{"b":"1.safetensors"}})");
  EXPECT_THAT(std::string(MapCheckpoint(directory.path()).status().message()),
              HasSubstr("holds 'a'"));
}

}  // namespace
}  // namespace mrmllm
