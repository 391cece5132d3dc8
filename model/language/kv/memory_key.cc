// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/memory_key.h"

#include <torch/torch.h>

#include <string>
#include <vector>

namespace mrmllm {

PrefixKey MemoryKey(const CrossModalMemory& memory) {
  std::vector<std::string> parts;
  for (const auto& [layer, pair] : memory.layers) {
    parts.push_back(std::to_string(layer));
    for (const at::Tensor& tensor : {pair.key, pair.value}) {
      const at::Tensor bytes = tensor.cpu().contiguous();
      parts.emplace_back(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes());
    }
  }
  return RootPrefixKey(std::vector<std::string_view>(parts.begin(), parts.end()));
}

}  // namespace mrmllm
