// SPDX-License-Identifier: Apache-2.0
// The bundle's own language model against transformers: logits and greedy answers.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors.h"
#include "model/config.h"
#include "model/language/sampler.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

constexpr double kTolerance = 1e-3;
constexpr size_t kStreams = 8;

std::string Golden(const std::string& file) {
  return std::string(MRMLLM_SOURCE_DIR "/tests/golden/data/") + file;
}

std::vector<int32_t> Ints(const at::Tensor& tensor) {
  const at::Tensor x = tensor.to(at::kInt).contiguous();
  return {x.const_data_ptr<int32_t>(), x.const_data_ptr<int32_t>() + x.numel()};
}

class LanguageParityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* bundle = std::getenv("MRMLLM_BUNDLE");
    ASSERT_NE(bundle, nullptr) << "MRMLLM_BUNDLE: expected the assembled bundle's directory";
    const std::string directory = bundle;
    std::ifstream file(directory + "/config.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto config = ModelConfig::Parse(text);
    ASSERT_TRUE(config.ok()) << config.status();
    auto tensors = MapCheckpoint(directory);
    ASSERT_TRUE(tensors.ok()) << tensors.status();
    model_ = new LanguageModel(config->language_model);
    const absl::Status status =
        LoadParameters(**model_, "language_model", *tensors, at::kFloat, at::kCPU);
    ASSERT_TRUE(status.ok()) << status;
    (*model_)->Prepare();
  }
  static void TearDownTestSuite() { delete model_; }

  void SetUp() override { ASSERT_NE(model_, nullptr); }

  static LanguageModel* model_;
};
LanguageModel* LanguageParityTest::model_ = nullptr;

TEST_F(LanguageParityTest, LogitsAreTransformersWithinAThousandth) {
  auto golden = MapSafetensors(Golden("language_logits.safetensors"));
  ASSERT_TRUE(golden.ok()) << golden.status();
  const at::Tensor indices = golden->at("indices").to(at::kLong);
  for (const std::string i : {"0", "1", "2"}) {
    const auto tokens = Ints(golden->at(i + ".input_ids"));
    const auto cache = TinyCache(*model_, 256);
    const at::Tensor all = (*model_)->ForwardAllTokens({{tokens, cache.get()}});
    const at::Tensor last = all[all.size(0) - 1];
    EXPECT_LT(Distance(last.index_select(0, indices), golden->at(i + ".sampled_logits")),
              kTolerance);
    EXPECT_LT(Distance(last.index_select(0, golden->at(i + ".top_indices").to(at::kLong)),
                       golden->at(i + ".top_logits")),
              kTolerance);
    EXPECT_EQ(Sampler::ArgMax(all), Ints(golden->at(i + ".argmax_per_position")));
    if (i == "0") {
      EXPECT_LT(Distance(last, golden->at("0.last_logits")), kTolerance);
    }
  }
}

struct Stream {
  std::vector<int32_t> prompt;
  std::vector<int32_t> expected;
  std::vector<int32_t> produced;
  std::unique_ptr<KvCache> cache;
  bool done = false;
};

// Continuous batching of greedy answers: prompts one step, then a token a step for all that go on.
void Generate(LanguageModel& model, std::vector<Stream>& streams, size_t max_new_tokens) {
  for (size_t step = 0; step < max_new_tokens; ++step) {
    std::vector<LanguageInput> inputs;
    std::vector<Stream*> running;
    for (Stream& s : streams) {
      if (s.done) continue;
      const auto all = absl::MakeConstSpan(step == 0 ? s.prompt : s.produced);
      inputs.push_back({step == 0 ? all : all.last(1), s.cache.get()});
      running.push_back(&s);
    }
    if (running.empty()) return;
    const auto tokens = Sampler::ArgMax(model->Forward(inputs));
    for (size_t i = 0; i < running.size(); ++i) {
      running[i]->produced.push_back(tokens[i]);
      running[i]->done = tokens[i] == 2;
    }
  }
}

TEST_F(LanguageParityTest, GreedyAnswersAreTransformersTokenForToken) {
  std::ifstream file(Golden("language_greedy.json"));
  const nlohmann::json golden = nlohmann::json::parse(file);
  std::vector<Stream> streams;
  size_t answers = 0;
  const auto check = [&] {
    Generate(*model_, streams, golden["max_new_tokens"].get<size_t>());
    for (const Stream& s : streams) {
      EXPECT_EQ(s.produced, s.expected) << "answer " << answers;
      ++answers;
    }
    streams.clear();
  };
  for (const auto& entry : golden["cases"]) {
    streams.push_back({entry["input_ids"].get<std::vector<int32_t>>(),
                       entry["output_ids"].get<std::vector<int32_t>>(),
                       {},
                       TinyCache(*model_, 512)});
    if (streams.size() == kStreams) check();
  }
  check();
  EXPECT_GE(answers, 20u);
}

}  // namespace
}  // namespace mrmllm
