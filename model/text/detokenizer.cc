// SPDX-License-Identifier: Apache-2.0
#include "model/text/detokenizer.h"

namespace mrmllm {

std::string IncrementalDetokenizer::Append(int32_t id) {
  return tokenizer_->IsSpecial(id) ? std::string() : decoder_.Append(tokenizer_->Piece(id));
}

std::string IncrementalDetokenizer::Flush() { return decoder_.Flush(); }

}  // namespace mrmllm
