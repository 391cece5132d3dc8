// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_VISION_GOLDEN_VISION_H_
#define MRMLLM_TESTS_MODEL_VISION_GOLDEN_VISION_H_

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "model/checkpoint/safetensors.h"
#include "model/config.h"

namespace mrmllm {

// Everything the vision parity tests read is committed; no assembled bundle is needed.
inline std::string SourcePath(const std::string& path) {
  return std::string(MRMLLM_SOURCE_DIR) + "/" + path;
}

inline TensorMap ReadCommitted(const std::string& path) {
  auto tensors = MapSafetensors(SourcePath(path));
  EXPECT_TRUE(tensors.ok()) << tensors.status();
  return tensors.ok() ? *std::move(tensors) : TensorMap();
}

inline ModelConfig DefaultConfig() {
  std::ifstream file(SourcePath("model/bundles/coco-135m/config.json"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto config = ModelConfig::Parse(text);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *std::move(config) : ModelConfig();
}

// Largest distance between two tensors of one size, or infinity when the sizes differ.
inline float MaxDifference(const at::Tensor& got, const at::Tensor& expected) {
  if (got.numel() != expected.numel()) return std::numeric_limits<float>::infinity();
  return (got.flatten() - expected.flatten()).abs().max().item<float>();
}

// Every `step`-th value in the order of NCHW.
inline at::Tensor EveryNth(const at::Tensor& map, int64_t step) {
  return map.contiguous().flatten().slice(0, 0, std::nullopt, step);
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_VISION_GOLDEN_VISION_H_
