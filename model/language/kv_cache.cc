// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv_cache.h"

#include "absl/strings/str_cat.h"

namespace mrmllm {

absl::StatusOr<std::unique_ptr<KvCache>> KvCache::Create(const LanguageConfig& config,
                                                         const Options& options) {
  if (options.capacity < 1 || options.capacity > config.max_position_embeddings) {
    return absl::InvalidArgumentError(
        absl::StrCat("kv_cache.capacity: expected 1 to ", config.max_position_embeddings,
                     " tokens (the model's context), got ", options.capacity));
  }
  // Not filled: positions are written before they are read, and untouched pages cost nothing.
  at::Tensor storage = at::empty(
      {config.num_hidden_layers, 2, config.num_key_value_heads, options.capacity, config.head_dim},
      at::TensorOptions().dtype(options.dtype).device(options.device));
  return std::unique_ptr<KvCache>(new KvCache(std::move(storage)));
}

absl::Status KvCache::CheckRoom(int64_t count) const {
  if (count <= capacity() - length_) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("kv_cache: expected at most ",
                                                   capacity() - length_, " more tokens (", length_,
                                                   " of ", capacity(), " held), got ", count));
}

size_t KvCache::SizeBytes(const LanguageConfig& config, int64_t capacity, at::ScalarType dtype) {
  return static_cast<size_t>(config.num_hidden_layers) * 2 * config.num_key_value_heads * capacity *
         config.head_dim * c10::elementSize(dtype);
}

void KvCache::Truncate(int64_t length) {
  TORCH_CHECK(length >= 0 && length <= length_, "kv_cache: cannot truncate ", length_,
              " tokens to ", length);
  length_ = length;
}

}  // namespace mrmllm
