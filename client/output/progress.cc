// SPDX-License-Identifier: Apache-2.0
#include "client/output/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/output/terminal.h"

namespace mrmllm {
namespace {

constexpr int kBarColumns = 24;
constexpr int kTerminalColumns = 79;

}  // namespace

std::string ProgressLine(int done, int total, absl::string_view name, int columns) {
  const int filled = total > 0 ? kBarColumns * std::min(done, total) / total : kBarColumns;
  const std::string bar =
      absl::StrCat("  [", std::string(filled, '#'), std::string(kBarColumns - filled, '.'), "]  ",
                   done, "/", total, "  ");
  const std::string text = Printable(name);
  return DisplayWidth(bar) + DisplayWidth(text) > columns ? bar : bar + text;
}

Progress::Progress(std::ostream& out, bool enabled, int total)
    : out_(out), enabled_(enabled && total > 1), total_(total) {}

Progress::~Progress() { Clear(); }

void Progress::Show(int done, absl::string_view name) {
  if (!enabled_) return;
  out_ << "\r\033[K" << ProgressLine(done, total_, name, kTerminalColumns) << std::flush;
  shown_ = true;
}

void Progress::Clear() {
  if (shown_) out_ << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace mrmllm
