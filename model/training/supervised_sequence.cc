// SPDX-License-Identifier: Apache-2.0
#include "model/training/supervised_sequence.h"

#include <utility>

namespace mrmllm {
namespace {

constexpr int kGiveUpAfter = 1000;

}  // namespace

SequenceSource::SequenceSource(ExampleSource* examples, const ChatTemplate* chat_template,
                               std::shared_ptr<const Tokenizer> tokenizer, int32_t end_token,
                               int max_tokens)
    : examples_(examples),
      chat_template_(chat_template),
      tokenizer_(std::move(tokenizer)),
      end_token_(end_token),
      max_tokens_(max_tokens) {}

SupervisedSequence SequenceSource::Encode(const TrainingExample& example) const {
  SupervisedSequence sequence;
  sequence.tokens = chat_template_->Render(example.turns, /*add_generation_prefix=*/true);
  sequence.answer_begin = static_cast<int>(sequence.tokens.size());
  const std::vector<int32_t> answer = tokenizer_->Encode(example.answer, /*begins_text=*/false);
  sequence.tokens.insert(sequence.tokens.end(), answer.begin(), answer.end());
  sequence.tokens.push_back(end_token_);
  return sequence;
}

std::optional<SupervisedSequence> SequenceSource::Draw() {
  for (int tries = 1; tries <= kGiveUpAfter; ++tries) {
    SupervisedSequence sequence = Encode(examples_->Next());
    if (sequence.length() > max_tokens_) continue;
    waiting_drawn_ = tries;
    return sequence;
  }
  return std::nullopt;
}

std::vector<SupervisedSequence> SequenceSource::Next(int tokens) {
  std::vector<SupervisedSequence> sequences;
  for (int sum = 0;;) {
    if (!waiting_.has_value()) waiting_ = Draw();
    if (!waiting_.has_value()) return {};
    sum += waiting_->length();
    if (sum > tokens && !sequences.empty()) return sequences;
    sequences.push_back(*std::exchange(waiting_, std::nullopt));
    drawn_ += waiting_drawn_;
    left_out_ += waiting_drawn_ - 1;
  }
}

void SequenceSource::Skip(int64_t drawn, int64_t left_out) {
  for (int64_t i = 0; i < drawn; ++i) examples_->Next();
  drawn_ += drawn;
  left_out_ += left_out;
}

}  // namespace mrmllm
