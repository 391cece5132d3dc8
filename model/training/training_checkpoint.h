// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_TRAINING_CHECKPOINT_H_
#define MRMLLM_MODEL_TRAINING_TRAINING_CHECKPOINT_H_

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "model/training/report/loss_curve.h"
#include "model/training/training_decoder.h"

namespace mrmllm {

// Where a run stands, besides its parameters and its optimizer.
struct TrainingState {
  uint64_t fingerprint = 0;       // of the recipe
  int64_t drawn = 0;              // examples drawn from the source ...
  int64_t left_out = 0;           // ... of which so many were too long
  std::vector<CurvePoint> curve;  // one point for every step that has been done

  int step() const { return static_cast<int>(curve.size()); }
};

// A whole run in one safetensors file, written atomically: with it the run goes on as if it had
// never stopped, bit for bit on one thread.
//
// Errors of both: as WriteSafetensors and MapSafetensors; also INVALID_ARGUMENT naming the tensor
// that a file lacks or that has another shape, and FAILED_PRECONDITION for a checkpoint that was
// made under another recipe.
absl::Status SaveCheckpoint(const std::string& path, const TrainingState& state,
                            const TrainableAdapters& adapters, torch::optim::AdamW& optimizer);
absl::StatusOr<TrainingState> LoadCheckpoint(const std::string& path, uint64_t fingerprint,
                                             TrainableAdapters& adapters,
                                             torch::optim::AdamW& optimizer);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_TRAINING_CHECKPOINT_H_
