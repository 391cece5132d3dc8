// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_PREFIX_KEY_H_
#define MRMLLM_MODEL_LANGUAGE_KV_PREFIX_KEY_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace mrmllm {

// Stands for a prompt's first tokens and for all else that their keys and values depend on: a
// SHA-256 chained over the blocks, so that nobody can make two prompts collide.
using PrefixKey = std::array<uint8_t, 32>;

// The beginning of every chain of this identity: whose prompt it is, what else the model reads.
// Lists that differ in any way give different roots.
PrefixKey RootPrefixKey(absl::Span<const std::string_view> identity);

// One key for every whole block of `block_tokens` tokens; key i stands for blocks 0 to i.
std::vector<PrefixKey> PrefixKeys(const PrefixKey& root, absl::Span<const int32_t> tokens,
                                  int block_tokens);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_PREFIX_KEY_H_
