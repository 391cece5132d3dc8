// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_PERCEPTION_RT_DETR_GOLDEN_RT_DETR_H_
#define MRMLLM_TESTS_MODEL_PERCEPTION_RT_DETR_GOLDEN_RT_DETR_H_

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors.h"
#include "model/config.h"
#include "model/perception/rt_detr/rt_detr.h"

namespace mrmllm {

// One of tests/golden/data/rt_detr_*.safetensors.
class GoldenRtDetr {
 public:
  explicit GoldenRtDetr(const std::string& name) {
    auto tensors = MapSafetensors(std::string(MRMLLM_SOURCE_DIR) + "/tests/golden/data/" + name);
    EXPECT_TRUE(tensors.ok()) << tensors.status();
    if (tensors.ok()) tensors_ = *std::move(tensors);
  }

  const at::Tensor& operator[](const std::string& name) const {
    return tensors_.at("golden." + name);
  }

  // [B, 3, S, S], as the file's network takes them.
  at::Tensor Pixels() const { return (*this)["pixels"].permute({0, 3, 1, 2}).to(at::kFloat) / 255; }

  // The default bundle's configuration around the file's detector.
  nlohmann::json BundleConfig() const {
    std::ifstream file(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
    nlohmann::json bundle = nlohmann::json::parse(file);
    const at::Tensor& bytes = (*this)["config"];
    const auto* text = bytes.const_data_ptr<uint8_t>();
    bundle["detector"] = nlohmann::json::parse(text, text + bytes.numel());
    bundle["vision_encoder"]["finer_names"] = nlohmann::json::object();
    return bundle;
  }

  DetectorConfig Config(const std::string& decoder_method = "") const {
    nlohmann::json bundle = BundleConfig();
    if (!decoder_method.empty()) bundle["detector"]["rt_detr"]["decoder_method"] = decoder_method;
    auto config = ModelConfig::Parse(bundle.dump());
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? config->detector : DetectorConfig();
  }

  // The file's weights alone, as a bundle has them.
  TensorMap Weights() const {
    TensorMap weights = tensors_;
    std::erase_if(weights, [](const auto& item) { return item.first.starts_with("golden."); });
    return weights;
  }

  std::shared_ptr<RtDetr> Load(const DetectorConfig& config,
                               at::ScalarType dtype = at::kFloat) const {
    auto detector = std::make_shared<RtDetr>(config);
    TensorMap weights = Weights();
    const absl::Status folded = FoldBatchNorms(*detector, "detector", weights);
    EXPECT_TRUE(folded.ok()) << folded;
    const absl::Status loaded = LoadParameters(*detector, "detector", weights, dtype, at::kCPU);
    EXPECT_TRUE(loaded.ok()) << loaded;
    detector->Prepare();
    return detector;
  }

 private:
  TensorMap tensors_;
};

// Largest distance between two tensors of one shape.
inline double Distance(const at::Tensor& got, const at::Tensor& expected) {
  EXPECT_EQ(got.sizes(), expected.sizes());
  return (got.to(at::kFloat) - expected.to(at::kFloat)).abs().max().item<double>();
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_PERCEPTION_RT_DETR_GOLDEN_RT_DETR_H_
