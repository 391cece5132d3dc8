// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_REPLACE_TEXT_H_
#define MRMLLM_MODEL_TEXT_REPLACE_TEXT_H_

#include <string>
#include <string_view>

namespace mrmllm {

// `text` with `content` for every occurrence of `pattern`, from left to right; what was put in is
// not searched again.
//
// Thread-safety: safe. Errors: none. REQUIRES: `pattern` is not empty.
std::string ReplaceText(std::string_view text, std::string_view pattern, std::string_view content);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_REPLACE_TEXT_H_
