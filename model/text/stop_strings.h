// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_STOP_STRINGS_H_
#define MRMLLM_MODEL_TEXT_STOP_STRINGS_H_

#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// Ends a streamed text at the first of some stop strings. Holds back only what may still become a
// stop string, and never lets the stop string itself out. What comes out in all does not depend on
// how the text is cut into deltas.
//
//   StopStrings stop({"\nUser:"});
//   StopStrings::Output output = stop.Append(delta);
//   stream << output.text;
//   if (output.stopped) break;   // else, at the end: stream << stop.Flush();
//
// The stop string that is complete first ends the text; if several end at the same place, the
// longest of them.
//
// Thread-safety: none; one sequence, one thread at a time.
// Ownership: owns its strings.
// Errors: none. Empty stop strings are ignored. With valid UTF-8 in stop strings and deltas, every
// output is valid UTF-8.
class StopStrings {
 public:
  struct Output {
    std::string text;      // now certain to be outside any stop string
    bool stopped = false;  // a stop string was found, now or earlier; `text` ends before it
  };

  explicit StopStrings(std::vector<std::string> stop_strings);

  Output Append(std::string_view delta);

  // What was held back, at the end of the text; empty once a stop string was found.
  std::string Flush();

 private:
  // The length of the longest end of `pending_` that begins a stop string.
  size_t HoldBackLength() const;

  std::vector<std::string> stop_strings_;
  std::string pending_;
  bool stopped_ = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_STOP_STRINGS_H_
