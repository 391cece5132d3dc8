// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SUPERVISED_SEQUENCE_H_
#define MRMLLM_MODEL_TRAINING_SUPERVISED_SEQUENCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/text/chat_template.h"
#include "model/text/tokenizer.h"
#include "model/training/training_example.h"

namespace mrmllm {

// An example as tokens: what the model reads when it serves, then the answer and what ends it.
struct SupervisedSequence {
  std::vector<int32_t> tokens;
  int answer_begin = 0;  // from here on the tokens are to be learned

  int length() const { return static_cast<int>(tokens.size()) - 1; }  // that are read
  int supervised() const { return static_cast<int>(tokens.size()) - answer_begin; }
};

// Draws sequences from a source through the chat template and the tokenizer that serve. Those that
// are too long are left out, and counted.
//
// Thread-safety: one thread. Ownership: borrows the source and the template.
class SequenceSource {
 public:
  // `end_token`: what the model says when its answer is over.
  SequenceSource(ExampleSource* examples, const ChatTemplate* chat_template,
                 std::shared_ptr<const Tokenizer> tokenizer, int32_t end_token, int max_tokens);

  // The next sequences of at most `tokens` read tokens together, at least one. Nothing when a
  // thousand examples in a row were too long.
  std::vector<SupervisedSequence> Next(int tokens);

  SupervisedSequence Encode(const TrainingExample& example) const;

  // Examples drawn for the sequences that Next has returned, and how many of these were left out.
  int64_t drawn() const { return drawn_; }
  int64_t left_out() const { return left_out_; }

  // Passes over examples, so that a run goes on where another stopped.
  void Skip(int64_t drawn, int64_t left_out);

 private:
  std::optional<SupervisedSequence> Draw();

  ExampleSource* const examples_;
  const ChatTemplate* const chat_template_;
  const std::shared_ptr<const Tokenizer> tokenizer_;
  const int32_t end_token_;
  const int max_tokens_;
  std::optional<SupervisedSequence> waiting_;  // drawn, but it did not fit any more
  int64_t waiting_drawn_ = 0;                  // the examples that it took to draw it
  int64_t drawn_ = 0;
  int64_t left_out_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SUPERVISED_SEQUENCE_H_
