// SPDX-License-Identifier: Apache-2.0
#include "model/language/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

// Softmax, sort, cut: the definition, word for word.
std::map<int, double> BruteForce(const std::vector<float>& logits, const GenerationSettings& s) {
  std::vector<int> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) { return logits[a] > logits[b]; });
  if (s.top_k > 0) ids.resize(std::min<size_t>(ids.size(), s.top_k));
  const auto weight = [&](int id) { return std::exp(double{logits[id]} / s.temperature); };
  double total = 0;
  for (int id : ids) total += weight(id);
  std::map<int, double> kept;
  double before = 0, sum = 0;
  for (int id : ids) {
    if (!kept.empty() && before >= s.top_p) break;
    kept[id] = weight(id) / total;
    before += kept[id];
  }
  for (const auto& [id, p] : kept) sum += p;
  for (auto& [id, p] : kept) p /= sum;
  return kept;
}

std::vector<float> RandomLogits(int count) {
  const at::Tensor x = torch::randn({count}) * 3;
  return {x.const_data_ptr<float>(), x.const_data_ptr<float>() + count};
}

TEST(SamplerTest, CandidatesAreThoseOfTheDefinition) {
  torch::manual_seed(3);
  for (const int vocab : {5, 200, 1500}) {
    for (const float temperature : {0.3f, 1.0f, 2.0f}) {
      for (const int top_k : {0, 1, 7, 5000}) {
        for (const float top_p : {0.05f, 0.6f, 0.95f}) {
          const GenerationSettings s{.temperature = temperature, .top_p = top_p, .top_k = top_k};
          const auto logits = RandomLogits(vocab);
          const auto expected = BruteForce(logits, s);
          const Candidates got = SelectCandidates(logits, s);
          ASSERT_EQ(got.ids.size(), expected.size());
          for (size_t i = 0; i < got.ids.size(); ++i) {
            ASSERT_TRUE(expected.contains(got.ids[i]));
            EXPECT_NEAR(got.probabilities[i], expected.at(got.ids[i]), 1e-9);
          }
        }
      }
    }
  }
}

TEST(SamplerTest, WithoutCutsEveryTokenIsACandidate) {
  const auto logits = RandomLogits(300);
  EXPECT_EQ(SelectCandidates(logits, {.temperature = 1}).ids.size(), 300u);
}

TEST(SamplerTest, GreedyTakesTheLargestAndTheFirstOfEquals) {
  Sampler sampler({}, {});
  EXPECT_TRUE(sampler.is_plain_greedy());
  EXPECT_EQ(sampler.Sample(torch::tensor({1.0f, 5.0f, 2.0f, 5.0f})), 1);
}

TEST(SamplerTest, ArgMaxChoosesForEveryRow) {
  EXPECT_THAT(Sampler::ArgMax(torch::tensor({{1.0f, 2.0f}, {4.0f, 3.0f}})),
              testing::ElementsAre(1, 0));
}

TEST(SamplerTest, FrequenciesFollowTheProbabilities) {
  Sampler sampler({.temperature = 1, .seed = 11}, {});
  const at::Tensor logits = torch::tensor({0.1f, 0.2f, 0.7f}).log();
  std::vector<int> count(3);
  for (int i = 0; i < 20000; ++i) ++count[sampler.Sample(logits)];
  EXPECT_NEAR(count[0] / 20000.0, 0.1, 0.01);
  EXPECT_NEAR(count[1] / 20000.0, 0.2, 0.01);
  EXPECT_NEAR(count[2] / 20000.0, 0.7, 0.01);
}

TEST(SamplerTest, TheSameSeedDrawsTheSameTokens) {
  const at::Tensor logits = torch::zeros({1000});
  std::vector<int32_t> drawn[3];
  for (int run = 0; run < 3; ++run) {
    Sampler sampler({.temperature = 1, .seed = run == 2 ? 6u : 5u}, {});
    for (int i = 0; i < 20; ++i) drawn[run].push_back(sampler.Sample(logits));
  }
  EXPECT_EQ(drawn[0], drawn[1]);
  EXPECT_NE(drawn[0], drawn[2]);
}

TEST(SamplerTest, TheGeneratorIsTheStandardsOwn) {
  // mt19937_64's 10,000th output is fixed by the standard, so the uniforms are portable.
  std::mt19937_64 random;
  random.discard(9999);
  EXPECT_EQ(random(), 9981545732273789042ull);
}

TEST(SamplerTest, ThePenaltyDividesPositiveAndMultipliesNegativeLogits) {
  const std::vector<int32_t> prompt = {0, 2, 2};
  Sampler greedy({.repetition_penalty = 2}, prompt);
  EXPECT_FALSE(greedy.is_plain_greedy());
  EXPECT_EQ(greedy.Sample(torch::tensor({4.0f, 2.5f, 3.0f})), 1);     // 2, 2.5, 1.5
  EXPECT_EQ(greedy.Sample(torch::tensor({-1.0f, -1.5f, -0.9f})), 2);  // -2, -3, -1.8
}

TEST(SamplerTest, ThePenaltyRemembersTheAnswer) {
  Sampler greedy({.repetition_penalty = 2}, {});
  const at::Tensor logits = torch::tensor({4.0f, 3.0f, 2.5f});
  EXPECT_EQ(greedy.Sample(logits), 0);
  EXPECT_EQ(greedy.Sample(logits), 1);
  EXPECT_EQ(greedy.Sample(logits), 2);
  EXPECT_EQ(greedy.Sample(logits), 0);  // all halved
}

TEST(SamplerTest, LogitsAreLeftAsTheyWere) {
  const at::Tensor logits = torch::randn({50});
  const at::Tensor before = logits.clone();
  const std::vector<int32_t> prompt = {1, 2, 3};
  Sampler({.temperature = 1, .repetition_penalty = 1.5}, prompt).Sample(logits);
  EXPECT_TRUE(at::equal(logits, before));
}

TEST(SamplerTest, LogitsOfTheWrongShapeThrow) {
  Sampler sampler({}, {});
  EXPECT_THROW(sampler.Sample(torch::zeros({2, 3})), c10::Error);
}

}  // namespace
}  // namespace mrmllm
