// SPDX-License-Identifier: Apache-2.0
#include "model/training/report/training_progress.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace mrmllm {

TrainingProgress::TrainingProgress(Clock* clock, int done, int steps)
    : clock_(clock), begin_(clock->Now()), first_(done), steps_(steps), done_(done) {}

std::string TrainingProgress::Line(const CurvePoint& point, int64_t tokens, int64_t examples) {
  ++done_;
  tokens_ += tokens;
  examples_ += examples;
  const double seconds = std::max(1e-9, absl::ToDoubleSeconds(clock_->Now() - begin_));
  const double left = seconds / (done_ - first_) * (steps_ - done_);
  std::string line = absl::StrFormat("step %d/%d  loss %.4f", done_, steps_, point.loss);
  if (point.held_out_loss >= 0)
    absl::StrAppendFormat(&line, "  held out %.4f", point.held_out_loss);
  absl::StrAppendFormat(&line,
                        "  learning rate %.1e  %.0f tokens/s  %.1f examples/s  left %d min %d s",
                        point.learning_rate, tokens_ / seconds, examples_ / seconds,
                        static_cast<int>(left) / 60, static_cast<int>(left) % 60);
  return line;
}

}  // namespace mrmllm
