// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_RESULT_COUNT_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_RESULT_COUNT_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace mrmllm {

// An engine that loses count must not take the executor with it: all of its items fail.
template <typename T>
void RequireOneForEach(size_t items, std::vector<absl::StatusOr<T>>& results) {
  if (results.size() == items) return;
  const absl::Status status = absl::InternalError(
      absl::StrCat("the engine gave ", results.size(), " results for ", items, " items"));
  results.assign(items, status);
}

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_RESULT_COUNT_H_
