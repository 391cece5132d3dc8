// SPDX-License-Identifier: Apache-2.0
#include "model/text/detokenizer.h"

#include "model/text/utf8.h"

namespace mrmllm {

std::string IncrementalDetokenizer::Append(int32_t id) {
  std::string text;
  if (tokenizer_->IsSpecial(id)) return text;
  const std::string bytes = std::exchange(held_back_, {}) + tokenizer_->TokenBytes(id);
  AppendReplacingInvalidUtf8(bytes, text, &held_back_);
  return text;
}

std::string IncrementalDetokenizer::Flush() {
  return ReplaceInvalidUtf8(std::exchange(held_back_, {}));
}

}  // namespace mrmllm
