// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/memory_key.h"

#include <torch/torch.h>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

CrossModalMemory Memory(int layer, const at::Tensor& key, const at::Tensor& value) {
  CrossModalMemory memory;
  memory.rows = key.size(1);
  memory.layers[layer] = {key, value};
  return memory;
}

TEST(MemoryKeyTest, FollowsTheContentsNotThePlaceInMemory) {
  const at::Tensor key = torch::randn({2, 5, 8});
  const at::Tensor value = torch::randn({2, 5, 8});
  const PrefixKey first = MemoryKey(Memory(3, key, value));
  EXPECT_EQ(MemoryKey(Memory(3, key.clone(), value.clone())), first);
  EXPECT_EQ(MemoryKey(Memory(3, key.transpose(0, 1).contiguous().transpose(0, 1), value)), first);
}

TEST(MemoryKeyTest, AnyDifferenceMakesAnotherKey) {
  const at::Tensor key = torch::randn({2, 5, 8});
  const at::Tensor value = torch::randn({2, 5, 8});
  const PrefixKey first = MemoryKey(Memory(3, key, value));
  at::Tensor other = value.clone();
  other[1][4][7] += 1;
  EXPECT_NE(MemoryKey(Memory(3, key, other)), first);
  EXPECT_NE(MemoryKey(Memory(4, key, value)), first);
  EXPECT_NE(MemoryKey(Memory(3, value, key)), first);
}

}  // namespace
}  // namespace mrmllm
