// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_pool.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace mrmllm {

absl::StatusOr<std::shared_ptr<KvPool>> KvPool::Create(const LanguageConfig& config,
                                                       const Options& options) {
  const size_t block_bytes = BlockBytes(config, options.dtype);
  const auto blocks = static_cast<int64_t>(
      std::min<size_t>(options.capacity_bytes / block_bytes, std::numeric_limits<int32_t>::max()));
  if (blocks < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("kv_cache.capacity_bytes: expected at least ", block_bytes, " (one block of ",
                     kBlockTokens, " tokens of this model), got ", options.capacity_bytes));
  }
  const at::TensorOptions elements = at::dtype(options.dtype).device(options.device);
  const int64_t layers = config.num_hidden_layers;
  const int64_t heads = config.num_key_value_heads;
  const int64_t dim = config.head_dim;
  // Not filled: positions are written before they are read, and untouched pages cost nothing.
  at::Tensor keys = at::empty({layers, blocks, heads, dim, kBlockTokens}, elements);
  at::Tensor values = at::empty({layers, blocks, heads, kBlockTokens, dim}, elements);
  return std::shared_ptr<KvPool>(new KvPool(std::move(keys), std::move(values)));
}

size_t KvPool::BlockBytes(const LanguageConfig& config, at::ScalarType dtype) {
  return size_t{2} * config.num_hidden_layers * config.num_key_value_heads * config.head_dim *
         kBlockTokens * c10::elementSize(dtype);
}

kernels::LayerBlocks KvPool::Layer(int layer) const {
  const int64_t offset = layer * keys_.stride(0) * static_cast<int64_t>(keys_.element_size());
  return {static_cast<char*>(keys_.mutable_data_ptr()) + offset,
          static_cast<char*>(values_.mutable_data_ptr()) + offset,
          keys_.scalar_type() == at::kBFloat16};
}

}  // namespace mrmllm
