// SPDX-License-Identifier: Apache-2.0
// Images a second of the detector and of the whole perceive step.
//
//   detector_bench --dtype=bf16                      detect/images:1 and :8: bytes to boxes and
//   scores detector_bench --bundle=build/bundles/coco-135m  also perceive/images:1 and :8: bytes to
//   named
//                                                    detections
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors.h"
#include "model/config.h"
#include "model/language/compute_dtype.h"
#include "model/mr_mllm.h"
#include "model/perception/detector.h"
#include "model/perception/rt_detr/conv_norm.h"
#include "model/vision/pixel_normalization.h"

namespace mrmllm {
namespace {

struct Options {
  std::string bundle = "build/bundles/coco-135m";
  std::string dtype = "auto";
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  bool whole = false;
  std::vector<int> batches = {1, 8};
};

// Noise has no objects; what it costs is the network, which does not depend on the pixels.
Image NoiseImage(int size) {
  std::mt19937 random(20261124);
  Image image{size, size, std::vector<uint8_t>(size_t{3} * size * size)};
  for (uint8_t& byte : image.pixels) byte = static_cast<uint8_t>(random());
  return image;
}

void CountImages(benchmark::State& state, int count) {
  state.counters["images_per_second"] = benchmark::Counter(
      static_cast<double>(count * state.iterations()), benchmark::Counter::kIsRate);
}

struct BenchedDetector {
  DetectorConfig config;
  at::ScalarType dtype;
  std::shared_ptr<Detector> detector;
};

absl::StatusOr<BenchedDetector> LoadDetector(const Options& options) {
  std::ifstream file(options.bundle + "/config.json");
  ASSIGN_OR_RETURN(const ModelConfig config,
                   ModelConfig::Parse(std::string(std::istreambuf_iterator<char>(file), {})));
  ASSIGN_OR_RETURN(TensorMap tensors, MapCheckpoint(options.bundle));
  ASSIGN_OR_RETURN(const at::ScalarType dtype, ChooseComputeDtype(options.dtype, at::kCPU));
  ASSIGN_OR_RETURN(std::shared_ptr<Detector> detector, MakeDetector(config.detector));
  RETURN_IF_ERROR(FoldBatchNorms(*detector, "detector", tensors));
  RETURN_IF_ERROR(LoadParameters(*detector, "detector", tensors, dtype, at::kCPU));
  detector->Prepare();
  return BenchedDetector{config.detector, dtype, std::move(detector)};
}

void Detect(benchmark::State& state, const BenchedDetector& benched, int count) {
  const c10::InferenceMode inference;
  const Image image = NoiseImage(benched.config.input_size);
  const std::vector<const Image*> images(count, &image);
  for (auto _ : state) {
    const at::Tensor values =
        NormalizeImages(images, benched.config.normalization, at::TensorOptions(benched.dtype));
    benchmark::DoNotOptimize(benched.detector->Candidates(benched.detector->Neck(values),
                                                          benched.config.candidate_threshold));
  }
  CountImages(state, count);
}

void Perceive(benchmark::State& state, MrMllm& model, int count) {
  ImageInput input;
  input.width = input.height = 640;
  input.detector_pixels = NoiseImage(model.config().detector.input_size);
  input.encoder_pixels = NoiseImage(model.config().vision_encoder.input_size);
  input.detail = NoiseImage(640);
  const std::vector<PerceiveInput> inputs(count, {&input, true});
  for (auto _ : state) benchmark::DoNotOptimize(model.Perceive(inputs));
  CountImages(state, count);
}

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const BenchedDetector benched, LoadDetector(options));
  std::unique_ptr<MrMllm> model;
  if (options.whole) {
    ASSIGN_OR_RETURN(const Bundle bundle,
                     Bundle::Load(options.bundle, {.verify_checksums = false}));
    ASSIGN_OR_RETURN(model, MrMllm::Load(bundle, {.vision_dtype = options.dtype}));
  }
  const auto add = [](const std::string& name, auto function) {
    benchmark::RegisterBenchmark(name.c_str(), function)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  for (const int count : options.batches) {
    const std::string images = "/images:" + std::to_string(count);
    add("detect" + images, [&benched, count](benchmark::State& s) { Detect(s, benched, count); });
    if (model == nullptr) continue;
    add("perceive" + images, [&model, count](benchmark::State& s) { Perceive(s, *model, count); });
  }
  benchmark::AddCustomContext("dtype", c10::toString(benched.dtype));
  benchmark::AddCustomContext("threads", std::to_string(at::get_num_threads()));
  benchmark::RunSpecifiedBenchmarks();
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Options options;
  CLI::App app("Images a second of the detector.");
  app.add_option("--bundle", options.bundle, "The bundle's directory");
  app.add_option("--dtype", options.dtype, "auto, float32 or bfloat16");
  app.add_option("--threads", options.threads, "Threads of a step");
  app.add_flag("--whole", options.whole, "The perceive step too");
  app.add_option("--batches", options.batches, "Images of a step")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  if (options.dtype == "bf16") options.dtype = "bfloat16";
  if (options.dtype == "fp32") options.dtype = "float32";
  at::set_num_threads(options.threads);
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) { return mrmllm::Main(argc, argv); }
