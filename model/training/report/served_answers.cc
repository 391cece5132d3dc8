// SPDX-License-Identifier: Apache-2.0
#include "model/training/report/served_answers.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "model/language/sampler.h"
#include "model/load_language_model.h"

namespace mrmllm {

absl::StatusOr<std::unique_ptr<ServedAnswers>> ServedAnswers::Create(const Bundle& bundle,
                                                                     WeightFormat format) {
  ASSIGN_OR_RETURN(LanguageModel model, LoadLanguageModel(bundle, format, at::kCPU));
  const size_t bytes = KvPool::BlocksFor(kContext) *
                       KvPool::BlockBytes(bundle.config.language_model, model->kv_dtype());
  ASSIGN_OR_RETURN(auto pool,
                   KvPool::Create(bundle.config.language_model,
                                  {.capacity_bytes = bytes, .dtype = model->kv_dtype()}));
  return std::unique_ptr<ServedAnswers>(new ServedAnswers(std::move(model), std::move(pool)));
}

ServedAnswers::ServedAnswers(LanguageModel model, std::shared_ptr<KvPool> pool)
    : model_(std::move(model)), pool_(std::move(pool)) {}

std::vector<int32_t> ServedAnswers::Answer(absl::Span<const int32_t> prompt, int max_tokens) {
  KvCache cache(pool_, static_cast<int64_t>(prompt.size()) + max_tokens);
  TORCH_CHECK(cache.Reserve(), "served_answers: expected room for ", prompt.size(), " + ",
              max_tokens, " tokens");
  const std::vector<int32_t>& ends = model_->config().eos_token_ids;
  std::vector<int32_t> answer;
  absl::Span<const int32_t> next = prompt;
  while (static_cast<int>(answer.size()) < max_tokens) {
    const int32_t token = Sampler::ArgMax(model_->Forward({{next, &cache}}))[0];
    if (std::find(ends.begin(), ends.end(), token) != ends.end()) break;
    answer.push_back(token);
    next = absl::MakeConstSpan(&answer.back(), 1);
  }
  return answer;
}

}  // namespace mrmllm
