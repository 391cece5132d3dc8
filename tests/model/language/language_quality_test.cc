// SPDX-License-Identifier: Apache-2.0
// What bfloat16, int8 and int4 cost the bundle's language model, against float32.
#include <cstdlib>

#include "gtest/gtest.h"

#include "tests/model/language/quality.h"

namespace mrmllm {
namespace {

std::string BundleDirectory() {
  const char* bundle = std::getenv("MRMLLM_BUNDLE");
  TORCH_CHECK(bundle != nullptr, "MRMLLM_BUNDLE: expected the assembled bundle's directory");
  return bundle;
}

TEST(LanguageQualityTest, PerplexityOfAFixedTextIsThatOfFloat32WithinItsFormatsDistance) {
  const std::string bundle = BundleDirectory();
  const auto tokens = Tokens(bundle, FixedText(MRMLLM_SOURCE_DIR));
  LanguageModel exact = LoadLanguageModel(bundle, WeightFormat::kFloat32);
  const at::Tensor expected = TextLogits(exact, tokens);
  const double perplexity = Perplexity(expected, tokens);
  struct Bound {
    WeightFormat format;
    double distance;   // of the perplexity, relative
    double agreement;  // of greedy choices
  };
  for (const Bound& bound :
       {Bound{WeightFormat::kBfloat16, 0.01, 0.97}, Bound{WeightFormat::kInt8, 0.015, 0.94},
        Bound{WeightFormat::kInt4, 0.01, 0.94}}) {
    LanguageModel model = LoadLanguageModel(bundle, bound.format);
    const at::Tensor logits = TextLogits(model, tokens);
    EXPECT_NEAR(Perplexity(logits, tokens) / perplexity, 1, bound.distance)
        << WeightFormatName(bound.format);
    EXPECT_GT(GreedyAgreement(logits, expected), bound.agreement) << WeightFormatName(bound.format);
  }
}

}  // namespace
}  // namespace mrmllm
