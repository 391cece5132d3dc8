// SPDX-License-Identifier: Apache-2.0
// What a number format costs: perplexity of a fixed text, greedy agreement with float32 and bytes,
// for every format, as JSON.
//
//   language_quality_bench --bundle=build/bundles/coco-135m
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tests/model/language/quality.h"

namespace mrmllm {
namespace {

nlohmann::ordered_json Measure(const std::string& bundle, const std::string& source) {
  const c10::InferenceMode inference;
  const auto tokens = Tokens(bundle, FixedText(source));
  nlohmann::ordered_json result;
  at::Tensor expected;
  for (const auto format : {WeightFormat::kFloat32, WeightFormat::kBfloat16, WeightFormat::kInt8,
                            WeightFormat::kInt4}) {
    LanguageModel model = LoadLanguageModel(bundle, format);
    const at::Tensor logits = TextLogits(model, tokens);
    if (!expected.defined()) expected = logits;
    result[std::string(WeightFormatName(format))] = {
        {"perplexity", Perplexity(logits, tokens)},
        {"greedy_agreement", GreedyAgreement(logits, expected)},
        {"weight_bytes", model->weight_bytes()}};
  }
  return {{"text_tokens", tokens.size()}, {"formats", result}};
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) {
  std::string bundle = "build/bundles/coco-135m";
  std::string source = ".";
  CLI::App app("Perplexity of a fixed text in every number format.");
  app.add_option("--bundle", bundle, "The bundle's directory");
  app.add_option("--source", source, "The project's directory");
  CLI11_PARSE(app, argc, argv);
  try {
    std::printf("%s\n", mrmllm::Measure(bundle, source).dump(2).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
