// SPDX-License-Identifier: Apache-2.0
#include "model/text/stop_strings.h"

#include <algorithm>
#include <utility>

namespace mrmllm {

StopStrings::StopStrings(std::vector<std::string> stop_strings)
    : stop_strings_(std::move(stop_strings)) {
  std::erase_if(stop_strings_, [](const std::string& stop) { return stop.empty(); });
}

StopStrings::Output StopStrings::Append(std::string_view delta) {
  if (stopped_) return {"", true};
  pending_.append(delta);
  size_t first_begin = std::string::npos;
  size_t first_end = std::string::npos;
  for (const std::string& stop : stop_strings_) {
    const size_t begin = pending_.find(stop);
    if (begin == std::string::npos) continue;
    const size_t end = begin + stop.size();
    if (end < first_end || (end == first_end && begin < first_begin)) {
      first_begin = begin;
      first_end = end;
    }
  }
  if (first_begin != std::string::npos) {
    stopped_ = true;
    return {std::exchange(pending_, {}).substr(0, first_begin), true};
  }
  const size_t certain = pending_.size() - HoldBackLength();
  Output output{pending_.substr(0, certain), false};
  pending_.erase(0, certain);
  return output;
}

std::string StopStrings::Flush() { return std::exchange(pending_, {}); }

size_t StopStrings::HoldBackLength() const {
  size_t longest = 0;
  for (const std::string& stop : stop_strings_) {
    for (size_t length = std::min(stop.size() - 1, pending_.size()); length > longest; --length) {
      if (std::string_view(pending_).substr(pending_.size() - length) ==
          std::string_view(stop).substr(0, length)) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}

}  // namespace mrmllm
