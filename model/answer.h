// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_ANSWER_H_
#define MRMLLM_MODEL_ANSWER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/generation.h"
#include "model/language/decoder_integration.h"
#include "model/language/kv/kv_cache.h"
#include "model/language/sampler.h"
#include "model/text/detokenizer.h"
#include "model/text/stop_strings.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// What one step brought an answer.
struct AnswerStep {
  bool produced_token = false;
  std::string text;
  FinishReason finish = FinishReason::kNone;
};

// One answer in the making: what the decoder has still to read, its cache, and the path from token
// ids to text.
//
//   if (!answer.Reserve()) ...                  // no room now
//   while (finish == kNone) {
//     logits = model.Forward({{answer.Peek(512), answer.cache(), answer.memory()}});
//     AnswerStep step = answer.Take(count, logits[0]);
//   }
//
// Thread-safety: one thread at a time. Ownership: owns its cache; shares tokenizer and memory.
class Answer {
 public:
  struct Parts {
    std::vector<int32_t> prompt;  // never empty
    int perception_tokens = 0;
    std::unique_ptr<KvCache> cache;
    std::shared_ptr<const CrossModalMemory> memory;  // null: reads no image
    std::shared_ptr<const Tokenizer> tokenizer;
    std::vector<int32_t> eos_token_ids;
    GenerationSettings generation;
  };
  explicit Answer(Parts parts);

  // Takes the cache's blocks; the prompt's beginning that they already hold counts as read. False
  // when there is no room for them now. REQUIRED before the decoder reads.
  bool Reserve();

  // The next tokens for the decoder: at most `max_tokens` of what it has not read.
  absl::Span<const int32_t> Peek(int max_tokens) const;

  // The decoder has read the first `count` of them. When that was all, the next token is drawn from
  // `logits` [vocab].
  AnswerStep Take(int count, const at::Tensor& logits);

  // The same with the next token already chosen: the most probable one. REQUIRES: is_plain_greedy.
  AnswerStep TakeGreedy(int count, int32_t token);

  // Whether reading `count` more tokens leads to a token of the answer.
  bool SpeaksAfter(int count) const { return next_ + count == pending_.size(); }
  bool is_plain_greedy() const { return sampler_.is_plain_greedy(); }

  int pending_prompt_tokens() const;
  TokenUsage usage() const { return usage_; }
  KvCache* cache() const { return parts_.cache.get(); }
  const CrossModalMemory* memory() const { return parts_.memory.get(); }

 private:
  // False when the prompt goes on.
  bool Read(int count);
  AnswerStep Emit(int32_t token);
  bool IsEnd(int32_t token) const;

  Parts parts_;
  std::vector<int32_t> pending_;  // not read by the decoder from next_ on
  size_t next_ = 0;
  bool in_prompt_ = true;
  TokenUsage usage_;
  Sampler sampler_;
  IncrementalDetokenizer detokenizer_;
  StopStrings stop_strings_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_ANSWER_H_
