// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_reading.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/kserve/infer_messages.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TensorReadingTest : public testing::Test {
 protected:
  InputTensor Only() { return PairInputs(request_, &checks_).at(0); }
  std::vector<std::string_view> Elements(int max_count = 4) {
    return ReadBytes(Only(), max_count, &checks_);
  }
  std::vector<RawPixels> Pictures(int max_count = 4) {
    return ReadPixels(Only(), max_count, &checks_);
  }
  void SetRawOfOne(const std::vector<int64_t>& shape, const std::string& raw,
                   std::string_view datatype = "BYTES") {
    AddInput("image", datatype, shape, &request_);
    request_.add_raw_input_contents(raw);
  }
  std::string Fault() { return std::string(checks_.ToStatus().message()); }

  inference::ModelInferRequest request_;
  FieldChecks checks_;
};

TEST_F(TensorReadingTest, BytesOfContents) {
  AddContents("image", {"one", "", "three"}, &request_);
  EXPECT_THAT(Elements(), ElementsAre("one", "", "three"));
  EXPECT_TRUE(checks_.ok());
}

TEST_F(TensorReadingTest, BytesOfRawContentsAreNotCopied) {
  AddRaw("image", {"one", "", "three"}, &request_);
  const auto elements = Elements();
  EXPECT_THAT(elements, ElementsAre("one", "", "three"));
  EXPECT_EQ(elements[0].data(), request_.raw_input_contents(0).data() + 4);
}

TEST_F(TensorReadingTest, ALengthMayUseAllFourBytes) {
  AddRaw("image", {std::string(0x010203, 'x')}, &request_);
  EXPECT_THAT(Elements(), ElementsAre(SizeIs(0x010203)));
}

TEST_F(TensorReadingTest, AColumnIsAList) {
  SetRawOfOne({2, 1}, RawBytes({"a", "b"}));
  EXPECT_THAT(Elements(), ElementsAre("a", "b"));
}

TEST_F(TensorReadingTest, NamesTheTensorWhoseShapeIsWrong) {
  SetRawOfOne({2, 3}, RawBytes({"a"}));
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_EQ(Fault(), "inputs['image'].shape: expected [n], n from 1 to 4, got [2, 3]");
}

TEST_F(TensorReadingTest, RefusesMoreThanMayBeBeforeItReads) {
  SetRawOfOne({int64_t{1} << 40}, "");
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_THAT(Fault(), HasSubstr("n from 1 to 4, got [1099511627776]"));
}

TEST_F(TensorReadingTest, ALongShapeIsCutInTheMessage) {
  SetRawOfOne(std::vector<int64_t>(1000, 7), "");
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_THAT(Fault(), HasSubstr("got [7, 7, 7, 7, 7, 7, ...]"));
}

TEST_F(TensorReadingTest, RefusesShapesWithoutAnElement) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{}, {0}, {-1}, {0, 1}}) {
    inference::ModelInferRequest request;
    AddInput("image", "BYTES", shape, &request);
    FieldChecks checks;
    EXPECT_THAT(ReadBytes(PairInputs(request, &checks).at(0), 4, &checks), IsEmpty());
    EXPECT_FALSE(checks.ok());
  }
}

TEST_F(TensorReadingTest, RefusesRawContentsThatEndEarly) {
  const std::string whole = RawBytes({"one", "two"});
  for (const size_t size : {size_t{0}, size_t{3}, size_t{6}, size_t{9}, whole.size() - 1}) {
    inference::ModelInferRequest request;
    AddInput("image", "BYTES", {2}, &request);
    request.add_raw_input_contents(whole.substr(0, size));
    FieldChecks checks;
    EXPECT_THAT(ReadBytes(PairInputs(request, &checks).at(0), 4, &checks), IsEmpty()) << size;
    EXPECT_FALSE(checks.ok()) << size;
  }
}

TEST_F(TensorReadingTest, RefusesALengthBeyondTheEnd) {
  SetRawOfOne({1}, "\xff\xff\xff\xffx");
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_THAT(Fault(), HasSubstr("end within element 0"));
}

TEST_F(TensorReadingTest, RefusesRawContentsThatGoOn) {
  SetRawOfOne({1}, RawBytes({"one", "two"}));
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_EQ(Fault(), "inputs['image'].raw_input_contents: expected 1 elements, got 7 bytes more");
}

TEST_F(TensorReadingTest, RefusesContentsThatDoNotFitTheShape) {
  AddContents("image", {"one", "two"}, &request_);
  request_.mutable_inputs(0)->set_shape(0, 3);
  EXPECT_THAT(Elements(), IsEmpty());
  EXPECT_EQ(Fault(), "inputs['image'].contents: expected 3 bytes_contents, got 2");
}

TEST_F(TensorReadingTest, EveryInputHasRawContentsOrNone) {
  AddRaw("image", {"x"}, &request_);
  AddInput("question", "BYTES", {1}, &request_);
  EXPECT_THAT(PairInputs(request_, &checks_), IsEmpty());
  EXPECT_EQ(Fault(), "raw_input_contents: expected one entry for each of the 2 inputs, got 1");
}

TEST_F(TensorReadingTest, RefusesBothKindsOfContents) {
  AddContents("image", {"x"}, &request_);
  request_.add_raw_input_contents(RawBytes({"x"}));
  PairInputs(request_, &checks_);
  EXPECT_THAT(Fault(), HasSubstr("inputs['image'].contents: expected none"));
}

TEST_F(TensorReadingTest, RefusesParametersOfAnInput) {
  AddRaw("image", {"x"}, &request_);
  (*request_.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("r");
  PairInputs(request_, &checks_);
  EXPECT_EQ(Fault(), "inputs['image'].parameters: expected none, got 'shared_memory_region'");
}

TEST_F(TensorReadingTest, PixelsOfOnePicture) {
  SetRawOfOne({2, 5, 3}, std::string(30, 'p'), "UINT8");
  const auto pictures = Pictures();
  ASSERT_THAT(pictures, SizeIs(1));
  EXPECT_EQ(pictures[0].height, 2);
  EXPECT_EQ(pictures[0].width, 5);
  EXPECT_EQ(pictures[0].pixels.data(), request_.raw_input_contents(0).data());
}

TEST_F(TensorReadingTest, PixelsOfSeveralPictures) {
  SetRawOfOne({2, 1, 1, 3}, "abcdef", "UINT8");
  const auto pictures = Pictures();
  ASSERT_THAT(pictures, SizeIs(2));
  EXPECT_EQ(pictures[0].pixels, "abc");
  EXPECT_EQ(pictures[1].pixels, "def");
}

TEST_F(TensorReadingTest, RefusesShapesThatAreNoPictures) {
  const std::vector<std::vector<int64_t>> shapes = {{},
                                                    {3},
                                                    {2, 3},
                                                    {1, 1, 4},
                                                    {0, 1, 3},
                                                    {-1, 1, 3},
                                                    {0, 1, 1, 3},
                                                    {5, 1, 1, 3},
                                                    {1, 1, 1, 1, 3},
                                                    {1 << 21, 1, 3},
                                                    {int64_t{1} << 62, 4, 3}};
  for (const auto& shape : shapes) {
    inference::ModelInferRequest request;
    AddInput("image", "UINT8", shape, &request);
    request.add_raw_input_contents("abc");
    FieldChecks checks;
    EXPECT_THAT(ReadPixels(PairInputs(request, &checks).at(0), 4, &checks), IsEmpty());
    EXPECT_THAT(std::string(checks.ToStatus().message()), HasSubstr("inputs['image'].shape"));
  }
}

TEST_F(TensorReadingTest, RefusesPixelsThatDoNotFitTheShape) {
  SetRawOfOne({2, 5, 3}, std::string(29, 'p'), "UINT8");
  EXPECT_THAT(Pictures(), IsEmpty());
  EXPECT_EQ(Fault(), "inputs['image'].raw_input_contents: expected 30 bytes by its shape, got 29");
}

TEST_F(TensorReadingTest, RefusesPixelsInContents) {
  AddInput("image", "UINT8", {1, 1, 3}, &request_)->mutable_contents()->add_uint_contents(1);
  EXPECT_THAT(Pictures(), IsEmpty());
  EXPECT_THAT(Fault(), HasSubstr("expected pixels in raw_input_contents"));
}

}  // namespace
}  // namespace mrmllm
