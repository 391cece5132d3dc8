// SPDX-License-Identifier: Apache-2.0
#include "model/text/replace_text.h"

namespace mrmllm {

std::string ReplaceText(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string replaced;
  replaced.reserve(text.size());
  size_t copied = 0;
  for (size_t found = text.find(pattern); found != std::string_view::npos;
       found = text.find(pattern, copied)) {
    replaced.append(text.substr(copied, found - copied)).append(content);
    copied = found + pattern.size();
  }
  return replaced.append(text.substr(copied));
}

}  // namespace mrmllm
