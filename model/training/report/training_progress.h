// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_REPORT_TRAINING_PROGRESS_H_
#define MRMLLM_MODEL_TRAINING_REPORT_TRAINING_PROGRESS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "model/training/report/loss_curve.h"

namespace mrmllm {

// One line a step: where a run stands, how fast it is and how long it will take.
//
//   step 120/800  loss 0.4122  held out 0.4310  learning rate 4.5e-04  512 tokens/s  6.3 examples/s
//   left 28 min 10 s
//
// Rates and time left are of this process: a run that was resumed starts to count anew.
// Thread-safety: one thread. Ownership: borrows the clock.
class TrainingProgress {
 public:
  // The first step that will be counted comes after `done` others.
  TrainingProgress(Clock* clock, int done, int steps);

  // A step has ended.
  std::string Line(const CurvePoint& point, int64_t tokens, int64_t examples);

 private:
  Clock* const clock_;
  const absl::Time begin_;
  const int first_;
  const int steps_;
  int done_;
  int64_t tokens_ = 0;
  int64_t examples_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_REPORT_TRAINING_PROGRESS_H_
