// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_TRAINER_H_
#define MRMLLM_MODEL_TRAINING_TRAINER_H_

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

#include "model/training/recipe.h"
#include "model/training/supervised_sequence.h"
#include "model/training/training_checkpoint.h"
#include "model/training/training_decoder.h"

namespace mrmllm {

// A run: low-rank adapters of a frozen language model, learned by AdamW from a source of sequences,
// one step after the other.
//
//   Trainer trainer(recipe, model, &sequences, held_out);
//   while (!trainer.done()) RETURN_IF_ERROR(trainer.Step());
//
// A step's loss is the mean over all learned tokens of its sequences, however many passes they
// take. The same recipe, model and source give the same adapters, bit for bit on one thread.
//
// Thread-safety: one thread. Ownership: shares the model, borrows the source, which must be at its
// beginning.
class Trainer {
 public:
  // `model`: in the dtype to compute in, not packed.
  Trainer(const Recipe& recipe, LanguageModel model, SequenceSource* source,
          std::vector<SupervisedSequence> held_out);

  struct StepReport {
    CurvePoint point;
    int64_t tokens = 0;
    int64_t examples = 0;
  };
  // Errors: INVALID_ARGUMENT when the source has no example that is short enough; DATA_LOSS when
  // the loss is no number, after which the parameters are as before the step.
  absl::StatusOr<StepReport> Step();

  bool done() const { return state_.step() >= recipe_.steps; }
  const TrainingState& state() const { return state_; }

  // The mean loss over the learned tokens of sequences, as things stand.
  double Loss(absl::Span<const SupervisedSequence> sequences) const;

  // A run that was saved goes on in a new Trainer, made of the same things, that loads it.
  absl::Status Save(const std::string& path);
  absl::Status Load(const std::string& path);

  // The adapters as they stand, in bfloat16: for adapters.safetensors.
  TensorMap Adapters() const { return adapters_.Snapshot(at::kBFloat16); }

 private:
  // Adds the gradients of the mean loss over `learned` tokens; returns the sequences' share of it.
  double Backward(absl::Span<const SupervisedSequence> sequences, int64_t learned);

  const Recipe recipe_;
  SequenceSource* const source_;
  const std::vector<SupervisedSequence> held_out_;
  TrainableAdapters adapters_;
  TrainingDecoder decoder_;
  torch::optim::AdamW optimizer_;
  TrainingState state_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_TRAINER_H_
