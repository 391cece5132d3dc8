// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_STATUS_MACROS_H_
#define MRMLLM_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// RETURN_IF_ERROR(expr): returns the status of `expr` from the enclosing function unless it is OK.
//
//   RETURN_IF_ERROR(config.Validate());
#define RETURN_IF_ERROR(expr)                                         \
  do {                                                                \
    if (absl::Status mrmllm_status_ = (expr); !mrmllm_status_.ok()) { \
      return mrmllm_status_;                                          \
    }                                                                 \
  } while (false)

// ASSIGN_OR_RETURN(lhs, expr): assigns the value of the StatusOr `expr` to `lhs` (which may be a
// declaration), or returns its status.
//
//   ASSIGN_OR_RETURN(std::string text, ReadFile(path));
#define ASSIGN_OR_RETURN(lhs, expr) \
  MRMLLM_ASSIGN_OR_RETURN_(MRMLLM_CONCAT_(mrmllm_status_or_, __LINE__), lhs, expr)

#define MRMLLM_ASSIGN_OR_RETURN_(status_or, lhs, expr) \
  auto status_or = (expr);                             \
  if (!status_or.ok()) return status_or.status();      \
  lhs = std::move(status_or).value()
#define MRMLLM_CONCAT_(a, b) MRMLLM_CONCAT_INNER_(a, b)
#define MRMLLM_CONCAT_INNER_(a, b) a##b

#endif  // MRMLLM_BASE_STATUS_MACROS_H_
