// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/load.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

class LoadTest : public testing::Test {
 protected:
  absl::Status Load() { return LoadParameters(*module_, "part", tensors_, at::kFloat, at::kCPU); }
  std::string Message() { return std::string(Load().message()); }

  torch::nn::Linear module_{3, 2};
  TensorMap tensors_{{"part.weight", torch::ones({2, 3}, at::kBFloat16)},
                     {"part.bias", torch::zeros({2}, at::kBFloat16)},
                     {"other.weight", torch::zeros({1})}};
};

TEST_F(LoadTest, FillsEveryParameterInTheAskedDtype) {
  ASSERT_TRUE(Load().ok());
  EXPECT_TRUE(torch::equal(module_->weight, torch::ones({2, 3})));
  EXPECT_EQ(module_->weight.dtype(), at::kFloat);
  EXPECT_FALSE(module_->weight.requires_grad());
}

TEST_F(LoadTest, WithoutADtypeParametersShareTheCheckpointsMemory) {
  ASSERT_TRUE(LoadParameters(*module_, "part", tensors_, std::nullopt, at::kCPU).ok());
  EXPECT_EQ(module_->weight.dtype(), at::kBFloat16);
  EXPECT_EQ(module_->weight.data_ptr(), tensors_["part.weight"].data_ptr());
}

TEST_F(LoadTest, FindsOneValueThatIsNotFiniteAmongManyInEveryType) {
  for (const auto dtype : {at::kFloat, at::kBFloat16, at::kHalf, at::kDouble}) {
    for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")}) {
      for (const int64_t at : {0, 5000, 9999}) {
        torch::nn::Linear wide(10'000, 1);
        TensorMap tensors{{"part.weight", torch::ones({1, 10'000}, dtype)},
                          {"part.bias", torch::ones({1}, dtype)}};
        EXPECT_TRUE(LoadParameters(*wide, "part", tensors, dtype, at::kCPU).ok());
        tensors["part.weight"][0][at] = bad;
        EXPECT_THAT(std::string(LoadParameters(*wide, "part", tensors, dtype, at::kCPU).message()),
                    HasSubstr("not finite, the first: part.weight"));
      }
    }
  }
}

TEST_F(LoadTest, NamesAMissingTensor) {
  tensors_.erase("part.bias");
  EXPECT_THAT(Message(), HasSubstr("1 missing tensors, the first: part.bias"));
}

TEST_F(LoadTest, NamesAnUnexpectedTensor) {
  tensors_["part.extra"] = torch::zeros({1});
  EXPECT_THAT(Message(), HasSubstr("unexpected tensors, the first: part.extra"));
}

TEST_F(LoadTest, NamesAMisShapedTensor) {
  tensors_["part.weight"] = torch::ones({3, 2});
  EXPECT_THAT(Message(), HasSubstr("'part.weight': expected [2, 3], got [3, 2]"));
}

TEST_F(LoadTest, NamesATensorThatIsNotFinite) {
  tensors_["part.bias"] = torch::full({2}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(Message(), HasSubstr("not finite, the first: part.bias"));
}

TEST_F(LoadTest, FindsStrayTensors) {
  EXPECT_TRUE(CheckNoStrayTensors(tensors_, {"part", "other"}).ok());
  EXPECT_THAT(std::string(CheckNoStrayTensors(tensors_, {"part"}).message()),
              HasSubstr("other.weight"));
}

}  // namespace
}  // namespace mrmllm
