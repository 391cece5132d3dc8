// SPDX-License-Identifier: Apache-2.0
#include "model/answer.h"

#include <algorithm>

namespace mrmllm {

Answer::Answer(Parts parts)
    : parts_(std::move(parts)),
      pending_(parts_.prompt),
      sampler_(parts_.generation, parts_.prompt),
      detokenizer_(parts_.tokenizer),
      stop_strings_(parts_.generation.stop) {
  usage_.prompt_tokens = static_cast<int>(parts_.prompt.size());
  usage_.perception_tokens = parts_.perception_tokens;
}

absl::Span<const int32_t> Answer::Peek(int max_tokens) const {
  const size_t count = std::min<size_t>(max_tokens, pending_.size() - next_);
  return absl::MakeConstSpan(pending_).subspan(next_, count);
}

int Answer::pending_prompt_tokens() const {
  return in_prompt_ ? static_cast<int>(pending_.size() - next_) : 0;
}

bool Answer::Reserve() {
  KvCache& cache = *parts_.cache;
  if (cache.blocks().empty()) {
    if (!cache.Reserve()) return false;
    next_ = cache.shared_tokens();
    usage_.cached_tokens = static_cast<int>(cache.shared_tokens());
  }
  return true;
}

bool Answer::Read(int count) {
  next_ += count;
  if (in_prompt_ && parts_.cache != nullptr) parts_.cache->Publish();
  if (next_ < pending_.size()) return false;
  in_prompt_ = false;
  return true;
}

AnswerStep Answer::Take(int count, const at::Tensor& logits) {
  if (!Read(count)) return {};
  return Emit(sampler_.Sample(logits));
}

AnswerStep Answer::TakeGreedy(int count, int32_t token) {
  if (!Read(count)) return {};
  return Emit(token);
}

bool Answer::IsEnd(int32_t token) const {
  return std::find(parts_.eos_token_ids.begin(), parts_.eos_token_ids.end(), token) !=
         parts_.eos_token_ids.end();
}

AnswerStep Answer::Emit(int32_t token) {
  pending_.assign(1, token);
  next_ = 0;
  ++usage_.answer_tokens;
  AnswerStep step{.produced_token = true};
  const bool end = IsEnd(token);
  const bool last = end || usage_.answer_tokens >= parts_.generation.max_new_tokens;
  std::string delta = end ? "" : detokenizer_.Append(token);
  if (last) delta += detokenizer_.Flush();
  StopStrings::Output output = stop_strings_.Append(delta);
  step.text = std::move(output.text);
  if (output.stopped) {
    step.finish = FinishReason::kStop;
  } else if (last) {
    step.text += stop_strings_.Flush();
    step.finish = end ? FinishReason::kStop : FinishReason::kLength;
  }
  return step;
}

}  // namespace mrmllm
