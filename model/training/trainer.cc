// SPDX-License-Identifier: Apache-2.0
#include "model/training/trainer.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

// Stretches of at most `tokens` read tokens, at least one sequence each.
std::vector<absl::Span<const SupervisedSequence>> Passes(
    absl::Span<const SupervisedSequence> sequences, int tokens) {
  std::vector<absl::Span<const SupervisedSequence>> passes;
  for (size_t begin = 0; begin < sequences.size();) {
    size_t end = begin + 1;
    int sum = sequences[begin].length();
    while (end < sequences.size() && sum + sequences[end].length() <= tokens) {
      sum += sequences[end++].length();
    }
    passes.push_back(sequences.subspan(begin, end - begin));
    begin = end;
  }
  return passes;
}

int64_t Learned(absl::Span<const SupervisedSequence> sequences) {
  int64_t sum = 0;
  for (const SupervisedSequence& sequence : sequences) sum += sequence.supervised();
  return sum;
}

TrainableAdapters NewAdapters(const Recipe& recipe, const LanguageConfig& language) {
  torch::manual_seed(recipe.seed);
  return {language, recipe.adapters};
}

std::vector<at::Tensor> Values(const TrainableAdapters& adapters) {
  std::vector<at::Tensor> values;
  for (const auto& parameter : adapters.parameters()) values.push_back(parameter.value);
  return values;
}

torch::optim::AdamWOptions Options(const Recipe& recipe) {
  return torch::optim::AdamWOptions(recipe.optimizer.learning_rate)
      .weight_decay(recipe.optimizer.weight_decay);
}

at::Tensor SummedLoss(const TrainingDecoder& decoder,
                      absl::Span<const SupervisedSequence> sequences) {
  const PackedSequences batch(sequences);
  return at::cross_entropy_loss(decoder.Logits(batch, batch.rows), batch.targets,
                                /*weight=*/{}, at::Reduction::Sum);
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, LanguageModel model, SequenceSource* source,
                 std::vector<SupervisedSequence> held_out)
    : recipe_(recipe),
      source_(source),
      held_out_(std::move(held_out)),
      adapters_(NewAdapters(recipe, model->config())),
      decoder_(std::move(model), &adapters_),
      optimizer_(Values(adapters_), Options(recipe)) {
  state_.fingerprint = recipe.fingerprint;
}

double Trainer::Backward(absl::Span<const SupervisedSequence> sequences, int64_t learned) {
  const at::Tensor loss = SummedLoss(decoder_, sequences) / static_cast<double>(learned);
  loss.backward();
  return loss.item<double>();
}

double Trainer::Loss(absl::Span<const SupervisedSequence> sequences) const {
  const torch::NoGradGuard no_grad;
  double sum = 0;
  for (const auto pass : Passes(sequences, recipe_.batch.tokens_at_once)) {
    sum += SummedLoss(decoder_, pass).item<double>();
  }
  return sum / static_cast<double>(Learned(sequences));
}

absl::StatusOr<Trainer::StepReport> Trainer::Step() {
  const std::vector<SupervisedSequence> sequences = source_->Next(recipe_.batch.tokens);
  if (sequences.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch.sequence_tokens: expected room for the examples of the sources, got ",
                     recipe_.batch.sequence_tokens, ": none of the last thousand is that short"));
  }
  StepReport report{.examples = static_cast<int64_t>(sequences.size())};
  optimizer_.zero_grad();
  const int64_t learned = Learned(sequences);
  for (const auto pass : Passes(sequences, recipe_.batch.tokens_at_once)) {
    report.point.loss += Backward(pass, learned);
  }
  for (const SupervisedSequence& sequence : sequences) report.tokens += sequence.length();
  if (!std::isfinite(report.point.loss)) {
    return absl::DataLossError(absl::StrCat("the loss of step ", state_.step() + 1,
                                            " is no number: try a lower learning rate"));
  }
  torch::nn::utils::clip_grad_norm_(Values(adapters_), recipe_.optimizer.clip_norm);
  report.point.learning_rate = LearningRate(recipe_, state_.step());
  for (auto& group : optimizer_.param_groups()) group.options().set_lr(report.point.learning_rate);
  optimizer_.step();
  const int step = state_.step() + 1;
  const bool evaluate = step % recipe_.evaluation.every_steps == 0 || step == recipe_.steps;
  report.point.held_out_loss = evaluate && !held_out_.empty() ? Loss(held_out_) : -1;
  state_.curve.push_back(report.point);
  state_.drawn = source_->drawn();
  state_.left_out = source_->left_out();
  return report;
}

absl::Status Trainer::Save(const std::string& path) {
  return SaveCheckpoint(path, state_, adapters_, optimizer_);
}

absl::Status Trainer::Load(const std::string& path) {
  ASSIGN_OR_RETURN(state_, LoadCheckpoint(path, recipe_.fingerprint, adapters_, optimizer_));
  source_->Skip(state_.drawn, state_.left_out);
  return absl::OkStatus();
}

}  // namespace mrmllm
