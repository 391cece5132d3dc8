// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_specs.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

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

TEST(TensorSpecsTest, TheGuideListsEveryTensorWithItsType) {
  std::ifstream file(MRMLLM_SOURCE_DIR "/docs/kserve.md");
  const std::string guide((std::istreambuf_iterator<char>(file)), {});
  const auto lists = [&](std::string_view name, std::string_view datatype) {
    const std::string row = "| `" + std::string(name) + "` | `" + std::string(datatype) + "` |";
    return guide.find(row) != std::string::npos;
  };
  for (const InputSpec& spec : InputSpecs()) EXPECT_TRUE(lists(spec.name, spec.datatype));
  for (const OutputSpec& spec : OutputSpecs()) {
    EXPECT_TRUE(lists(spec.name, spec.datatype)) << spec.name;
  }
}

}  // namespace
}  // namespace mrmllm
