// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_LANGUAGE_TINY_MODEL_H_
#define MRMLLM_TESTS_MODEL_LANGUAGE_TINY_MODEL_H_

#include <torch/torch.h>

#include <map>
#include <memory>
#include <vector>

#include "gtest/gtest.h"

#include "model/language/language_model.h"

namespace mrmllm {

inline LanguageConfig TinyLanguageConfig() {
  LanguageConfig config;
  config.family = "llama";
  config.hidden_size = 64;
  config.intermediate_size = 96;
  config.num_hidden_layers = 3;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 16;
  config.rms_norm_eps = 1e-5f;
  config.rope_theta = 1e4;
  config.vocab_size = 61;
  config.max_position_embeddings = 96;
  config.tie_word_embeddings = true;
  config.eos_token_ids = {2};
  return config;
}

// Normal values of this deviation in every parameter; weights of norms around one.
inline void Randomize(torch::nn::Module& module, double deviation = 0.2) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    item.value().normal_(item.key().find("norm") != std::string::npos ? 1 : 0, deviation);
  }
}

inline LanguageModel TinyLanguageModel(at::ScalarType dtype = at::kFloat) {
  torch::manual_seed(7);
  LanguageModel model(TinyLanguageConfig());
  Randomize(*model);
  model->to(dtype);
  model->Prepare();
  return model;
}

inline std::vector<int32_t> RandomTokens(int count) {
  const at::Tensor ids = torch::randint(61, {count}, torch::kInt32);
  return {ids.const_data_ptr<int32_t>(), ids.const_data_ptr<int32_t>() + count};
}

inline std::shared_ptr<KvPool> NewPool(LanguageModel& model, int64_t blocks) {
  const size_t bytes = blocks * KvPool::BlockBytes(model->config(), model->kv_dtype());
  return KvPool::Create(model->config(), {.capacity_bytes = bytes, .dtype = model->kv_dtype()})
      .value();
}

// One pool for all models of a shape: the sequences of a step are kept in one.
inline std::shared_ptr<KvPool> TinyPool(LanguageModel& model) {
  static auto& pools = *new std::map<std::pair<size_t, at::ScalarType>, std::shared_ptr<KvPool>>();
  const size_t block_bytes = KvPool::BlockBytes(model->config(), model->kv_dtype());
  std::shared_ptr<KvPool>& pool = pools[{block_bytes, model->kv_dtype()}];
  if (pool == nullptr) pool = NewPool(model, 1024);
  return pool;
}

inline std::unique_ptr<KvCache> TinyCache(LanguageModel& model, int64_t capacity = 96) {
  auto cache = std::make_unique<KvCache>(TinyPool(model), capacity);
  EXPECT_TRUE(cache->Reserve());
  return cache;
}

// Largest absolute difference.
inline double Distance(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_LANGUAGE_TINY_MODEL_H_
