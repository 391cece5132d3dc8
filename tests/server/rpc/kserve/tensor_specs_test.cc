// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_specs.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(TensorSpecsTest, EveryOutputFindsItsSpec) {
  for (const OutputSpec& spec : OutputSpecs()) EXPECT_EQ(&SpecOf(spec.output), &spec) << spec.name;
}

TEST(TensorSpecsTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const OutputSpec& spec : OutputSpecs()) EXPECT_TRUE(names.insert(spec.name).second);
}

TEST(TensorSpecsTest, OnlyTheAnswerNeedsAQuestion) {
  for (const OutputSpec& spec : OutputSpecs()) {
    EXPECT_EQ(spec.needs_question, spec.output == Output::kAnswer) << spec.name;
  }
}

}  // namespace
}  // namespace mrmllm
