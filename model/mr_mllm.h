// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_MR_MLLM_H_
#define MRMLLM_MODEL_MR_MLLM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/detection.h"
#include "base/dialogue.h"
#include "base/generation.h"
#include "base/image.h"
#include "base/perception_settings.h"
#include "model/answer.h"
#include "model/checkpoint/bundle.h"
#include "model/config.h"
#include "model/fusion/fusion.h"
#include "model/language/language_model.h"
#include "model/perception/detector.h"
#include "model/prompt/perception_prompt.h"
#include "model/text/chat_template.h"
#include "model/text/tokenizer.h"
#include "model/vision/finer_names.h"
#include "model/vision/vision_encoder.h"
#include "torch/torch.h"

namespace mrmllm {

struct PerceiveInput {
  const ImageInput* image = nullptr;
  bool query_fusion = true;
};

// What was seen in one image.
struct PerceivedImage {
  std::vector<Detection> detections;  // at or above the candidate threshold, best score first
  at::Tensor q_shared;  // Q_shared of this image, [K, D]; undefined while every gate is closed
};

// A question about perceived images. Refers to its parts; they must stay until Start returns.
struct Question {
  std::vector<const PerceivedImage*> images;
  absl::Span<const Turn> turns;
  std::string text;
  GenerationSettings generation;
  bool perception = true;
  Mechanisms mechanisms;
};

struct AnswerChunk {
  Answer* answer = nullptr;
  int max_tokens = 1;
};

// The whole model (arXiv 2406.15768): a detector and a language model that reinforce each other.
//
//   perceive: Vf_m, Vf_p -> Q_shared = F(Vf_m, Vf_p) -> Vf_p' -> detections with finer names
//   start:    T' = prompt(T, detections); memory = V_proj + P_proj
//   advance:  H(n+1) = L_n(H(n), V_proj + P_proj), one token or a chunk of the prompt for every
//   answer
//
// Thread-safety: one thread at a time for Perceive, Start and Advance; const accessors from any
// thread. Ownership: owns all parts; answers must not outlive it. Errors: Load and Start return
// them. libtorch's exceptions pass through Perceive and Advance: its user catches them once.
class MrMllm {
 public:
  struct Options {
    at::Device device = at::kCPU;
    std::string dtype = "auto";  // of the language model; the vision parts compute in float32
  };

  static absl::StatusOr<std::unique_ptr<MrMllm>> Load(const Bundle& bundle, const Options& options);

  std::vector<PerceivedImage> Perceive(absl::Span<const PerceiveInput> inputs);

  // INVALID_ARGUMENT when prompt and answer do not fit the context.
  absl::StatusOr<std::unique_ptr<Answer>> Start(const Question& question);

  // One forward pass for all; result i belongs to chunks[i].
  std::vector<AnswerStep> Advance(absl::Span<const AnswerChunk> chunks);

  const ModelConfig& config() const { return config_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  at::ScalarType dtype() const { return language_model_->dtype(); }
  // For tests: runs fusion's paths although their gates are closed.
  void set_compute_closed_paths(bool compute) { fusion_->set_compute_closed_paths(compute); }

 private:
  explicit MrMllm(ModelConfig config) : config_(std::move(config)) {}

  absl::Status LoadVision(const Bundle& bundle, at::Device device);
  absl::Status LoadLanguage(const Bundle& bundle, const Options& options);
  // Vf_p' of the images that ask for query fusion, Vf_p of the others.
  std::vector<at::Tensor> Reinforce(absl::Span<const PerceiveInput> inputs,
                                    std::vector<at::Tensor> perception, const at::Tensor& q_shared);
  std::vector<Turn> Conversation(const Question& question, const std::string& perception) const;

  const ModelConfig config_;
  std::shared_ptr<Detector> detector_;
  std::shared_ptr<VisionEncoder> vision_encoder_;
  std::unique_ptr<FinerNames> finer_names_;
  LanguageModel language_model_{nullptr};
  Fusion fusion_{nullptr};
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> chat_template_;
  std::unique_ptr<PerceptionPrompt> perception_prompt_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_MR_MLLM_H_
