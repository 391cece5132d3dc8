// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LOAD_LANGUAGE_MODEL_H_
#define MRMLLM_MODEL_LOAD_LANGUAGE_MODEL_H_

#include <torch/torch.h>

#include "absl/status/statusor.h"

#include "model/checkpoint/bundle.h"
#include "model/language/language_model.h"

namespace mrmllm {

// A bundle's language model as it is served: its weights, its adapters where it has some, in
// `format`.
//
// Errors: INVALID_ARGUMENT naming the tensor that is missing, unexpected, mis-shaped or not finite.
absl::StatusOr<LanguageModel> LoadLanguageModel(const Bundle& bundle, WeightFormat format,
                                                at::Device device);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LOAD_LANGUAGE_MODEL_H_
