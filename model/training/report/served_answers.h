// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_REPORT_SERVED_ANSWERS_H_
#define MRMLLM_MODEL_TRAINING_REPORT_SERVED_ANSWERS_H_

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "model/checkpoint/bundle.h"
#include "model/language/language_model.h"

namespace mrmllm {

// What the language model of a bundle answers, greedily, when it is served in a given format:
// adapters are put into it as a server puts them, so that what training reports is what callers
// will get.
//
// Thread-safety: one thread at a time. Ownership: owns the model and its cache.
class ServedAnswers {
 public:
  // Errors: INVALID_ARGUMENT for adapters or weights that are not as the configuration says.
  static absl::StatusOr<std::unique_ptr<ServedAnswers>> Create(const Bundle& bundle,
                                                               WeightFormat format);

  // The tokens after `prompt`, without the one that ends them; at most `max_tokens`.
  // REQUIRES: 0 < prompt.size() + max_tokens <= kContext.
  std::vector<int32_t> Answer(absl::Span<const int32_t> prompt, int max_tokens);

  static constexpr int kContext = 4096;

 private:
  ServedAnswers(LanguageModel model, std::shared_ptr<KvPool> pool);

  LanguageModel model_;
  std::shared_ptr<KvPool> pool_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_REPORT_SERVED_ANSWERS_H_
