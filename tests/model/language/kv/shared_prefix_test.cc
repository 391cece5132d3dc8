// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "gtest/gtest.h"

#include "model/language/kv/kv_cache.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

// Bit for bit with our kernels: a row goes through the same operations whatever else is in its
// step. Chunks stay within kFewRows, so that float32's linear layers take our kernel too.
class SharedPrefixTest : public testing::TestWithParam<WeightFormat> {
 protected:
  static LanguageModel Model() {
    torch::manual_seed(7);
    LanguageModel model(TinyLanguageConfig());
    Randomize(*model);
    model->Prepare(GetParam());
    return model;
  }

  std::unique_ptr<KvCache> Cache(const std::vector<int32_t>& prompt) {
    auto cache = std::make_unique<KvCache>(
        pool_, 96,
        PrefixKeys(RootPrefixKey({}), absl::MakeConstSpan(prompt).first(prompt.size() - 1), 16));
    EXPECT_TRUE(cache->Reserve());
    return cache;
  }

  // Reads what the cache does not hold, in chunks; the logits of the last token.
  at::Tensor Read(KvCache& cache, const std::vector<int32_t>& prompt, int64_t chunk) {
    at::Tensor logits;
    while (cache.length() < static_cast<int64_t>(prompt.size())) {
      logits =
          model_->Forward({{absl::MakeConstSpan(prompt).subspan(cache.length(), chunk), &cache}});
      cache.Publish();
    }
    return logits[0];
  }

  static std::vector<int32_t> WithPrefix(const std::vector<int32_t>& prefix, int more) {
    std::vector<int32_t> tokens = prefix;
    const auto rest = RandomTokens(more);
    tokens.insert(tokens.end(), rest.begin(), rest.end());
    return tokens;
  }

  LanguageModel model_ = Model();
  std::shared_ptr<KvPool> pool_ = NewPool(model_, 32);
};

TEST_P(SharedPrefixTest, ASharedPrefixGivesTheSameBitsAsAPromptReadAlone) {
  const auto prefix = RandomTokens(37);
  const auto first = WithPrefix(prefix, 9);
  const auto second = WithPrefix(prefix, 14);
  const auto alone_pool = NewPool(model_, 32);
  KvCache alone(alone_pool, 96);
  ASSERT_TRUE(alone.Reserve());
  const at::Tensor expected = Read(alone, second, 16);

  const auto publisher = Cache(first);
  Read(*publisher, first, 16);
  const auto sharer = Cache(second);
  EXPECT_EQ(sharer->shared_tokens(), 32);
  EXPECT_TRUE(at::equal(Read(*sharer, second, 16), expected));
}

TEST_P(SharedPrefixTest, AWholeRepeatedPromptLeavesAtLeastItsLastTokenToRead) {
  const auto prompt = RandomTokens(48);
  const auto first = Cache(prompt);
  const at::Tensor expected = Read(*first, prompt, 16);
  const auto second = Cache(prompt);
  EXPECT_EQ(second->shared_tokens(), 32);
  EXPECT_TRUE(at::equal(Read(*second, prompt, 16), expected));
}

TEST_P(SharedPrefixTest, ChunksOfAnySizeGiveTheSameBits) {
  const auto prompt = RandomTokens(61);
  at::Tensor expected;
  for (const int64_t chunk : {1, 3, 7, 15, 16}) {
    const auto pool = NewPool(model_, 8);
    KvCache cache(pool, 96);
    ASSERT_TRUE(cache.Reserve());
    const at::Tensor logits = Read(cache, prompt, chunk);
    if (!expected.defined()) expected = logits;
    EXPECT_TRUE(at::equal(logits, expected)) << "chunks of " << chunk;
  }
}

TEST_P(SharedPrefixTest, AnAnswerGoesOnWhenTheSequenceThatMadeItsPrefixHasGone) {
  const auto prompt = RandomTokens(40);
  auto first = Cache(prompt);
  const at::Tensor expected = Read(*first, prompt, 16);
  const auto second = Cache(prompt);
  first.reset();
  // Others take every other block and fill them with something else.
  std::vector<std::unique_ptr<KvCache>> others;
  for (;;) {
    others.push_back(std::make_unique<KvCache>(pool_, 32));
    if (!others.back()->Reserve()) break;
    model_->Forward({{RandomTokens(16), others.back().get()}});
  }
  EXPECT_TRUE(at::equal(Read(*second, prompt, 16), expected));
}

TEST_P(SharedPrefixTest, ABatchSharesWhileItsSequencesAreAtDifferentPlaces) {
  const auto prefix = RandomTokens(33);
  std::vector<std::vector<int32_t>> prompts;
  for (int i = 0; i < 4; ++i) prompts.push_back(WithPrefix(prefix, 1 + i));
  const auto publisher = Cache(prompts[0]);
  Read(*publisher, prompts[0], 16);
  std::vector<std::unique_ptr<KvCache>> caches;
  std::vector<LanguageInput> inputs;
  std::vector<at::Tensor> expected;
  for (const auto& prompt : prompts) {
    const auto own_pool = NewPool(model_, 8);
    KvCache own(own_pool, 96);
    ASSERT_TRUE(own.Reserve());
    expected.push_back(Read(own, prompt, 16));
    caches.push_back(Cache(prompt));
    inputs.push_back({absl::MakeConstSpan(prompt).subspan(32), caches.back().get()});
  }
  const at::Tensor logits = model_->Forward(inputs);
  for (size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_TRUE(at::equal(logits[i], expected[i])) << "sequence " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, SharedPrefixTest,
                         testing::Values(WeightFormat::kFloat32, WeightFormat::kBfloat16,
                                         WeightFormat::kInt8, WeightFormat::kInt4),
                         [](const auto& info) {
                           return std::string(WeightFormatName(info.param));
                         });

}  // namespace
}  // namespace mrmllm
