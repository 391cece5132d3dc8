// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_LANGUAGE_QUALITY_H_
#define MRMLLM_TESTS_MODEL_LANGUAGE_QUALITY_H_

#include <torch/torch.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "model/checkpoint/bundle.h"
#include "model/language/language_model.h"
#include "model/language/sampler.h"
#include "model/load_language_model.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// What a number format costs, measured on the fixed text beside this file. For a test and a
// program; what goes wrong throws.

inline std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  TORCH_CHECK(file.good(), path, ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string FixedText(const std::string& source) {
  return ReadText(source + "/tests/model/language/data/alice.txt");
}

inline LanguageModel LoadLanguageModel(const std::string& bundle, WeightFormat format) {
  const auto loaded = Bundle::Load(bundle, {.verify_checksums = false});
  TORCH_CHECK(loaded.ok(), loaded.status().ToString());
  auto model = LoadLanguageModel(*loaded, format, at::kCPU);
  TORCH_CHECK(model.ok(), model.status().ToString());
  return *model;
}

inline std::vector<int32_t> Tokens(const std::string& bundle, const std::string& text) {
  const auto tokenizer = Tokenizer::Load(bundle + "/tokenizer.json");
  TORCH_CHECK(tokenizer.ok(), tokenizer.status().ToString());
  return (*tokenizer)->Encode(text);
}

// The logits at every token of a text, [tokens, vocab].
inline at::Tensor TextLogits(LanguageModel& model, const std::vector<int32_t>& tokens) {
  const auto length = static_cast<int64_t>(tokens.size());
  const size_t bytes =
      KvPool::BlocksFor(length) * KvPool::BlockBytes(model->config(), model->kv_dtype());
  const auto pool =
      KvPool::Create(model->config(), {.capacity_bytes = bytes, .dtype = model->kv_dtype()});
  TORCH_CHECK(pool.ok(), pool.status().ToString());
  KvCache cache(*pool, length);
  TORCH_CHECK(cache.Reserve());
  return model->ForwardAllTokens({{tokens, &cache}});
}

// e to the mean surprise at each token but the first.
inline double Perplexity(const at::Tensor& logits, const std::vector<int32_t>& tokens) {
  const auto count = static_cast<int64_t>(tokens.size()) - 1;
  const at::Tensor next =
      at::tensor(std::vector<int32_t>(tokens.begin() + 1, tokens.end())).to(at::kLong);
  const at::Tensor surprise =
      -at::log_softmax(logits.narrow(0, 0, count), -1).gather(1, next.unsqueeze(1));
  return std::exp(surprise.to(at::kDouble).mean().item<double>());
}

// The part of the positions at which both would say the same next token.
inline double GreedyAgreement(const at::Tensor& a, const at::Tensor& b) {
  return a.argmax(-1).eq(b.argmax(-1)).to(at::kDouble).mean().item<double>();
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_LANGUAGE_QUALITY_H_
