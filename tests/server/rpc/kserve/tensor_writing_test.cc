// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_writing.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

class TensorWritingTest : public testing::Test {
 protected:
  inference::ModelInferResponse response_;
  TensorWriter contents_{/*raw=*/false, &response_};
  TensorWriter raw_{/*raw=*/true, &response_};
};

TEST_F(TensorWritingTest, SidesOfAnyLengthAreTheRows) {
  const auto* tensor = contents_.AddFloats(SpecOf(Output::kBoxes), {1, 2, 3, 4}, 1);
  EXPECT_THAT(tensor->shape(), ElementsAre(1, 4));
  EXPECT_EQ(tensor->name(), "boxes");
  EXPECT_EQ(tensor->datatype(), "FP32");
}

TEST_F(TensorWritingTest, ContentsGoIntoTheFieldOfTheirType) {
  EXPECT_THAT(contents_.AddFloats(SpecOf(Output::kScores), {0.5f}, 1)->contents().fp32_contents(),
              ElementsAre(0.5f));
  EXPECT_THAT(contents_.AddInts(SpecOf(Output::kClassIds), {-7}, 1)->contents().int_contents(),
              ElementsAre(-7));
  EXPECT_THAT(contents_.AddBytes(SpecOf(Output::kLabels), {"a"}, 1)->contents().bytes_contents(),
              ElementsAre("a"));
  EXPECT_EQ(response_.raw_output_contents_size(), 0);
}

TEST_F(TensorWritingTest, RawContentsAreLittleEndian) {
  raw_.AddFloats(SpecOf(Output::kScores), {1.0f}, 1);
  raw_.AddInts(SpecOf(Output::kClassIds), {0x01020304}, 1);
  raw_.AddBytes(SpecOf(Output::kLabels), {"ab", ""}, 2);
  EXPECT_THAT(response_.raw_output_contents(),
              ElementsAre(std::string("\0\0\x80\x3f", 4), "\4\3\2\1",
                          std::string("\2\0\0\0ab\0\0\0\0", 10)));
}

TEST_F(TensorWritingTest, ATensorWithoutElementsHasItsRawEntry) {
  raw_.AddFloats(SpecOf(Output::kBoxes), {}, 0);
  EXPECT_THAT(response_.raw_output_contents(), ElementsAre(""));
}

}  // namespace
}  // namespace mrmllm
