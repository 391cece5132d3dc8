// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_OUTPUT_PROGRESS_H_
#define MRMLLM_CLIENT_OUTPUT_PROGRESS_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace mrmllm {

// What a progress bar of `columns` columns shows: "  [#####.....]  5/10  photo.jpg".
std::string ProgressLine(int done, int total, absl::string_view name, int columns);

// A line at the foot of a terminal that says how far the work is. Shows nothing when it is switched
// off or there is only one thing to do.
//
// Thread-safety: not safe.
// Ownership: `out` outlives it; the destructor removes the line.
class Progress {
 public:
  Progress(std::ostream& out, bool enabled, int total);
  ~Progress();

  void Show(int done, absl::string_view name);

  // Removes the line, so that something else can be printed there.
  void Clear();

 private:
  std::ostream& out_;
  const bool enabled_;
  const int total_;
  bool shown_ = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_OUTPUT_PROGRESS_H_
