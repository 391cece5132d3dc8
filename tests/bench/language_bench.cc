// SPDX-License-Identifier: Apache-2.0
// The language model alone: tokens a second while 1, 8 and 16 answers are written together, and
// while a prompt is read. Beside them what the memory gives, since one answer reads every weight
// for every token.
//
//   language_bench --bundle=build/bundles/coco-135m --dtype=int4 --benchmark_repetitions=5
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/status_macros.h"
#include "model/checkpoint/bundle.h"
#include "model/language/compute_dtype.h"
#include "model/language/language_model.h"
#include "model/language/sampler.h"
#include "model/load_language_model.h"

namespace mrmllm {
namespace {

struct Options {
  std::string bundle = "build/bundles/coco-135m";
  std::string dtype = "auto";
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  int prompt = 150;
  int tokens = 64;
  std::vector<int> streams = {1, 8, 16};
};

absl::StatusOr<LanguageModel> Load(const Options& options) {
  ASSIGN_OR_RETURN(const Bundle bundle, Bundle::Load(options.bundle, {.verify_checksums = false}));
  ASSIGN_OR_RETURN(
      const WeightFormat format,
      ChooseWeightFormat(options.dtype, bundle.config.language_model.weight_format, at::kCPU));
  return LoadLanguageModel(bundle, format, at::kCPU);
}

// A prompt without meaning; `seed` makes each stream's its own.
std::vector<int32_t> Prompt(int length, int seed, int vocabulary) {
  std::vector<int32_t> tokens;
  uint32_t state = 12345 + static_cast<uint32_t>(seed);
  for (int i = 0; i < length; ++i) {
    state = state * 1664525 + 1013904223;
    tokens.push_back(static_cast<int32_t>((state >> 8) % static_cast<uint32_t>(vocabulary)));
  }
  return tokens;
}

class Streams {
 public:
  Streams(LanguageModel& model, const Options& options, int count) : model_(model) {
    const int64_t capacity = options.prompt + options.tokens + 1;
    const size_t block = KvPool::BlockBytes(model->config(), model->kv_dtype());
    const size_t blocks = static_cast<size_t>(KvPool::BlocksFor(capacity)) * count;
    pool_ = KvPool::Create(model->config(),
                           {.capacity_bytes = block * blocks, .dtype = model->kv_dtype()})
                .value();
    for (int i = 0; i < count; ++i) {
      caches_.push_back(std::make_unique<KvCache>(pool_, capacity));
      TORCH_CHECK(caches_.back()->Reserve(), "the pool is too small");
      prompts_.push_back(Prompt(options.prompt, i, model->config().vocab_size));
    }
  }

  // Reads stream i's prompt and draws its first token.
  void Prefill(size_t i) {
    caches_[i]->Truncate(0);
    const at::Tensor logits = model_->Forward({{prompts_[i], caches_[i].get()}});
    last_.resize(caches_.size());
    last_[i] = Sampler::ArgMax(logits).front();
  }

  // One more greedy token for every stream.
  void Decode() {
    inputs_.clear();
    for (size_t i = 0; i < caches_.size(); ++i) {
      inputs_.push_back({absl::MakeConstSpan(&last_[i], 1), caches_[i].get()});
    }
    last_ = Sampler::ArgMax(model_->Forward(inputs_));
  }

  size_t size() const { return caches_.size(); }

 private:
  LanguageModel model_;
  std::shared_ptr<KvPool> pool_;
  std::vector<std::unique_ptr<KvCache>> caches_;
  std::vector<std::vector<int32_t>> prompts_;
  std::vector<int32_t> last_;
  std::vector<LanguageInput> inputs_;
};

void CountTokens(benchmark::State& state, int64_t tokens) {
  state.counters["tokens_per_second"] = benchmark::Counter(
      static_cast<double>(tokens * state.iterations()), benchmark::Counter::kIsRate);
}

// An iteration is one whole answer of every stream; the prompts are not part of the time.
void Decode(benchmark::State& state, LanguageModel& model, const Options& options, int count) {
  Streams streams(model, options, count);
  for (auto _ : state) {
    for (size_t i = 0; i < streams.size(); ++i) streams.Prefill(i);
    const absl::Time begin = Clock::Real()->Now();
    for (int t = 0; t < options.tokens; ++t) streams.Decode();
    state.SetIterationTime(absl::ToDoubleSeconds(Clock::Real()->Now() - begin));
  }
  CountTokens(state, int64_t{count} * options.tokens);
}

void Prefill(benchmark::State& state, LanguageModel& model, const Options& options) {
  Streams streams(model, options, 1);
  for (auto _ : state) {
    const absl::Time begin = Clock::Real()->Now();
    streams.Prefill(0);
    state.SetIterationTime(absl::ToDoubleSeconds(Clock::Real()->Now() - begin));
  }
  CountTokens(state, options.prompt);
}

// What all threads together read from memory that no cache holds.
void ReadMemory(benchmark::State& state) {
  const at::Tensor data = at::ones({int64_t{256} << 20}, at::kByte).view(at::kLong);
  for (auto _ : state) {
    const absl::Time begin = Clock::Real()->Now();
    benchmark::DoNotOptimize(data.sum().item<int64_t>());
    state.SetIterationTime(absl::ToDoubleSeconds(Clock::Real()->Now() - begin));
  }
  state.counters["bytes_per_second"] = benchmark::Counter(
      static_cast<double>(data.nbytes()) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void Register(LanguageModel& model, const Options& options) {
  const auto add = [](const std::string& name, auto function) {
    benchmark::RegisterBenchmark(name.c_str(), function)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime();
  };
  for (const int count : options.streams) {
    add("decode/streams:" + std::to_string(count),
        [&model, &options, count](benchmark::State& s) { Decode(s, model, options, count); });
  }
  add("prefill/tokens:" + std::to_string(options.prompt),
      [&model, &options](benchmark::State& s) { Prefill(s, model, options); });
  add("memory/read", ReadMemory);
}

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Options options;
  CLI::App app("Tokens a second of the language model.");
  app.add_option("--bundle", options.bundle, "The bundle's directory");
  app.add_option("--dtype", options.dtype, "auto, float32, bfloat16, int8 or int4");
  app.add_option("--threads", options.threads, "Threads of a step");
  app.add_option("--prompt", options.prompt, "Tokens of a prompt");
  app.add_option("--tokens", options.tokens, "Tokens of an answer");
  app.add_option("--streams", options.streams, "Answers written together")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  if (options.dtype == "bf16") options.dtype = "bfloat16";
  if (options.dtype == "fp32") options.dtype = "float32";
  at::set_num_threads(options.threads);
  const c10::InferenceMode inference;
  const absl::Time begin = Clock::Real()->Now();
  auto model = Load(options);
  if (!model.ok()) {
    std::fprintf(stderr, "%s\n", model.status().ToString().c_str());
    return 1;
  }
  const double seconds = absl::ToDoubleSeconds(Clock::Real()->Now() - begin);
  benchmark::AddCustomContext("format", std::string(WeightFormatName((*model)->weight_format())));
  benchmark::AddCustomContext("threads", std::to_string(at::get_num_threads()));
  benchmark::AddCustomContext("load_seconds", std::to_string(seconds));
  benchmark::AddCustomContext("weight_bytes", std::to_string((*model)->weight_bytes()));
  Register(*model, options);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) { return mrmllm::Main(argc, argv); }
