// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_TRAIN_PROGRAM_H_
#define MRMLLM_MODEL_TRAINING_TRAIN_PROGRAM_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"

#include "base/clock.h"

namespace mrmllm {

// What mrmllm-train is told on its command line.
struct TrainOptions {
  std::string recipe;         // the file
  std::string bundle;         // directory; empty: the recipe's
  std::string out;            // directory for what is made; it is made if need be
  int stop_after = 0;         // steps of this process; 0: until the run is over
  int show_examples = 0;      // above 0: shows so many examples of the sources and does not train
  bool only_answers = false;  // writes answers.txt from the checkpoint and does not train
};

// Trains as a recipe says and writes into `out`: adapters.safetensors (bfloat16, to be put into the
// bundle), checkpoint.safetensors (from which the same command goes on), loss.csv and loss.svg, all
// of them at every checkpoint; and at the end answers.txt, held-out questions with the answers that
// the trained model gives in each number format.
//
// Errors: of the recipe, the bundle, the sources and the files, each with its path.
absl::Status Train(const TrainOptions& options, Clock* clock, std::ostream& log);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_TRAIN_PROGRAM_H_
