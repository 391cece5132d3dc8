// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_OUTPUT_TERMINAL_H_
#define MRMLLM_CLIENT_OUTPUT_TERMINAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/draw/palette.h"

namespace mrmllm {

// Columns of a terminal that `text` (UTF-8) takes: wide characters two, combining ones none.
int DisplayWidth(absl::string_view text);

// `text` without what could steer a terminal: control characters but line break and tab become
// U+FFFD. Names of files and words of a model pass through here before a person sees them.
std::string Printable(absl::string_view text);

// How text is decorated for one stream.
class Style {
 public:
  explicit Style(bool colors) : colors_(colors) {}

  // With colours if the file descriptor is a terminal, TERM is not "dumb", and NO_COLOR is unset or
  // empty.
  static Style ForDescriptor(int descriptor);

  bool colors() const { return colors_; }
  std::string Bold(absl::string_view text) const;
  std::string Dim(absl::string_view text) const;
  std::string Red(absl::string_view text) const;
  std::string Colored(absl::string_view text, Color color) const;

 private:
  std::string Wrapped(absl::string_view code, absl::string_view text) const;

  bool colors_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_OUTPUT_TERMINAL_H_
