// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors_header.h"

#include <cstring>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

std::string File(std::string header, size_t data_bytes) {
  uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + std::string(data_bytes, 'x');
}

TEST(SafetensorsHeaderTest, ReadsNamesShapesAndPlaces) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
  auto entries = ParseSafetensorsHeader(File(header, 16));
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[1].begin, 8 + header.size() + 4);
  EXPECT_THAT((*entries)[1].shape, testing::ElementsAre(2, 3));
}

TEST(SafetensorsHeaderTest, AcceptsAnEmptyFileOfTensors) {
  auto entries = ParseSafetensorsHeader(File("{}", 0));
  ASSERT_TRUE(entries.ok());
  EXPECT_TRUE(entries->empty());
}

struct Hostile {
  const char* what;
  std::string file;
  const char* message;
};

class HostileSafetensorsTest : public testing::TestWithParam<Hostile> {};

TEST_P(HostileSafetensorsTest, IsRefusedWithAReason) {
  auto entries = ParseSafetensorsHeader(GetParam().file);
  EXPECT_EQ(entries.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(entries.status().message()), HasSubstr(GetParam().message));
}

std::string One(const char* dtype, const char* shape, const char* offsets, size_t data_bytes) {
  return File(std::string(R"({"t":{"dtype":")") + dtype + R"(","shape":)" + shape +
                  R"(,"data_offsets":)" + offsets + "}}",
              data_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileSafetensorsTest,
    testing::Values(
        Hostile{"Short", "1234567", "at least 8 bytes"},
        Hostile{"HeaderPastEnd", std::string("\xff\0\0\0\0\0\0\0{}", 10),
                "header: its length says 255"},
        Hostile{"HugeHeader", std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10),
                "header: its length"},
        Hostile{"NoJson", File("{nope", 0), "expected a JSON object"},
        Hostile{"Array", File("[]", 0), "expected a JSON object"},
        Hostile{
            "Twice",
            File(
                R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                2),
            "a name occurs twice"},
        Hostile{"Deep", File(std::string(2000, '['), 0), "nested deeper"},
        Hostile{"ExtraKey",
                File(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0}})", 1),
                "expected an object of"},
        Hostile{"Dtype", One("F7", "[1]", "[0,4]", 4), "unknown 'F7'"},
        Hostile{"NegativeSide", One("F32", "[-1]", "[0,4]", 4), "whole numbers >= 0"},
        Hostile{"FractionalSide", One("F32", "[1.5]", "[0,4]", 4), "whole numbers >= 0"},
        Hostile{"Overflow", One("F32", "[4294967296,4294967296]", "[0,4]", 4), "too large"},
        Hostile{"Rank", One("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]", 1), "at most 16"},
        Hostile{"PastEnd", One("F32", "[2]", "[0,8]", 4), "begin <= end <= 4"},
        Hostile{"Backwards", One("F32", "[1]", "[4,0]", 4), "begin <= end"},
        Hostile{"SizeDiffers", One("F32", "[2]", "[0,4]", 4), "expected 8 bytes"},
        Hostile{"Trailing", One("F32", "[1]", "[0,4]", 5), "bytes in the file"},
        Hostile{
            "Overlap",
            File(
                R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                3),
            "overlaps or leaves a hole"},
        Hostile{"Hole", File(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2),
                "overlaps or leaves a hole"}),
    [](const auto& info) { return info.param.what; });

TEST(SafetensorsHeaderTest, SurvivesMutatedHeaders) {
  const std::string good = One("F32", "[2,2]", "[0,16]", 16);
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string file = good;
    for (int i = 0; i < 3; ++i) file[random() % file.size()] = static_cast<char>(random());
    file.resize(random() % (file.size() + 1));
    auto entries = ParseSafetensorsHeader(file);
    if (!entries.ok()) ++refused;
    for (const auto& entry : entries.value_or(std::vector<SafetensorsEntry>{})) {
      ASSERT_LE(entry.end, file.size());
      ASSERT_LE(entry.begin, entry.end);
    }
  }
  EXPECT_GT(refused, 19'000);
}

}  // namespace
}  // namespace mrmllm
