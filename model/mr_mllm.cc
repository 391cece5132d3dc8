// SPDX-License-Identifier: Apache-2.0
#include "model/mr_mllm.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/checkpoint/load.h"
#include "model/language/compute_dtype.h"
#include "model/perception/detection_selection.h"
#include "model/vision/pixel_normalization.h"

namespace mrmllm {
namespace {

// Pixels of every image through one of the two eyes: [B, 3, S, S].
at::Tensor PixelValues(absl::Span<const PerceiveInput> inputs, Image ImageInput::*eye,
                       const PixelNormalization& normalization, const torch::nn::Module& module) {
  std::vector<const Image*> images;
  for (const PerceiveInput& input : inputs) images.push_back(&(input.image->*eye));
  return NormalizePixels(StackPixels(images), normalization, module.parameters()[0].options());
}

// What the language model hears of: detections that are at least possibly there. They come best
// score first.
absl::Span<const Detection> Tellable(const PerceivedImage& image, const DetectorConfig& config) {
  const auto end = std::find_if(
      image.detections.begin(), image.detections.end(),
      [&](const Detection& detection) { return detection.score < config.unsure_threshold; });
  return absl::MakeConstSpan(image.detections).first(end - image.detections.begin());
}

}  // namespace

absl::StatusOr<std::unique_ptr<MrMllm>> MrMllm::Load(const Bundle& bundle, const Options& options) {
  c10::InferenceMode guard;
  auto model = std::unique_ptr<MrMllm>(new MrMllm(bundle.config));
  RETURN_IF_ERROR(CheckNoStrayTensors(bundle.tensors,
                                      {"detector", "vision_encoder", "language_model", "fusion"}));
  RETURN_IF_ERROR(model->LoadVision(bundle, options.device));
  RETURN_IF_ERROR(model->LoadLanguage(bundle, options));
  ASSIGN_OR_RETURN(model->tokenizer_, Tokenizer::Load(bundle.tokenizer_path));
  if (model->tokenizer_->vocabulary_size() > bundle.config.language_model.vocab_size) {
    return absl::InvalidArgumentError(absl::StrCat(
        bundle.tokenizer_path, ": has ", model->tokenizer_->vocabulary_size(),
        " tokens, but language_model.vocab_size is ", bundle.config.language_model.vocab_size));
  }
  ASSIGN_OR_RETURN(ChatTemplate chat_template,
                   ChatTemplate::Create(bundle.config.prompt.chat_template, model->tokenizer_));
  model->chat_template_ = std::make_unique<ChatTemplate>(std::move(chat_template));
  model->perception_prompt_ = std::make_unique<PerceptionPrompt>(
      model->config_.prompt, model->config_.detector.labels, model->tokenizer_);
  return model;
}

absl::Status MrMllm::LoadVision(const Bundle& bundle, at::Device device) {
  ASSIGN_OR_RETURN(detector_, MakeDetector(config_.detector));
  RETURN_IF_ERROR(LoadParameters(*detector_, "detector", bundle.tensors, at::kFloat, device));
  detector_->Prepare();
  ASSIGN_OR_RETURN(vision_encoder_, MakeVisionEncoder(config_.vision_encoder));
  RETURN_IF_ERROR(
      LoadParameters(*vision_encoder_, "vision_encoder", bundle.tensors, at::kFloat, device));
  vision_encoder_->Prepare();
  finer_names_ = std::make_unique<FinerNames>(config_.vision_encoder, vision_encoder_);
  return absl::OkStatus();
}

absl::Status MrMllm::LoadLanguage(const Bundle& bundle, const Options& options) {
  ASSIGN_OR_RETURN(const at::ScalarType dtype, ChooseComputeDtype(options.dtype, options.device));
  language_model_ = LanguageModel(config_.language_model);
  RETURN_IF_ERROR(
      LoadParameters(*language_model_, "language_model", bundle.tensors, dtype, options.device));
  language_model_->Prepare();
  fusion_ = Fusion(config_);
  RETURN_IF_ERROR(LoadParameters(*fusion_, "fusion", bundle.tensors, at::kFloat, options.device));
  fusion_->Prepare();
  language_model_->set_integration(fusion_->integration());
  return absl::OkStatus();
}

std::vector<PerceivedImage> MrMllm::Perceive(absl::Span<const PerceiveInput> inputs) {
  c10::InferenceMode guard;
  const at::Tensor comprehension = vision_encoder_->FeatureMap(
      PixelValues(inputs, &ImageInput::encoder_pixels, config_.vision_encoder.normalization,
                  *vision_encoder_));  // Vf_m
  std::vector<at::Tensor> perception = detector_->Neck(
      PixelValues(inputs, &ImageInput::detector_pixels, config_.detector.normalization,
                  *detector_));  // Vf_p
  at::Tensor q_shared;           // [B, K, D]
  if (fusion_->needs_queries()) q_shared = fusion_->FuseQueries(comprehension, perception);
  const DetectorOutput output = detector_->Head(Reinforce(inputs, std::move(perception), q_shared));

  std::vector<DisplayedFrame> frames;
  for (const PerceiveInput& input : inputs) {
    frames.push_back({input.image->width, input.image->height, input.image->detector_geometry});
  }
  std::vector<std::vector<Detection>> detections =
      SelectDetections(output, frames, config_.detector);
  std::vector<FinerNames::Target> targets;
  for (size_t i = 0; i < inputs.size(); ++i) targets.push_back({inputs[i].image, &detections[i]});
  finer_names_->Assign(targets);

  std::vector<PerceivedImage> seen(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    // A copy: a row of the batch would keep the whole batch in the feature cache.
    seen[i].detections = std::move(detections[i]);
    if (q_shared.defined()) seen[i].q_shared = q_shared[i].clone();
  }
  return seen;
}

std::vector<at::Tensor> MrMllm::Reinforce(absl::Span<const PerceiveInput> inputs,
                                          std::vector<at::Tensor> perception,
                                          const at::Tensor& q_shared) {
  const auto wanted = [](const PerceiveInput& input) { return input.query_fusion; };
  if (!q_shared.defined() || std::none_of(inputs.begin(), inputs.end(), wanted)) {
    return perception;
  }
  std::vector<at::Tensor> reinforced = fusion_->ReinforcePerception(perception, q_shared);
  if (std::all_of(inputs.begin(), inputs.end(), wanted)) return reinforced;
  for (size_t level = 0; level < reinforced.size(); ++level) {
    at::Tensor mixed = perception[level].clone();
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].query_fusion) mixed[i].copy_(reinforced[level][i]);
    }
    reinforced[level] = mixed;
  }
  return reinforced;
}

std::vector<Turn> MrMllm::Conversation(const Question& question,
                                       const std::string& perception) const {
  std::vector<Turn> turns(question.turns.begin(), question.turns.end());
  const bool own_system = !turns.empty() && turns.front().role == Turn::Role::kSystem;
  if (!own_system && !perception.empty()) {
    turns.insert(turns.begin(), {Turn::Role::kSystem, config_.prompt.system});
  }
  turns.push_back({Turn::Role::kUser, perception + question.text});
  return turns;
}

absl::StatusOr<std::unique_ptr<Answer>> MrMllm::Start(const Question& question) {
  c10::InferenceMode guard;
  Answer::Parts parts;
  std::string perception;
  if (question.perception && question.mechanisms.perception_prompt && !question.images.empty()) {
    std::vector<absl::Span<const Detection>> seen;
    for (const PerceivedImage* image : question.images)
      seen.push_back(Tellable(*image, config_.detector));
    perception = perception_prompt_->Compose({seen, question.text});
    parts.perception_tokens = static_cast<int>(tokenizer_->Encode(perception).size());
  }
  // T' = prompt(T, detections)
  parts.prompt = chat_template_->Render(Conversation(question, perception), true);
  const int64_t total =
      static_cast<int64_t>(parts.prompt.size()) + question.generation.max_new_tokens;
  if (total > config_.language_model.max_position_embeddings) {
    return absl::InvalidArgumentError(absl::StrCat(
        "question: the prompt has ", parts.prompt.size(), " tokens and the answer may have ",
        question.generation.max_new_tokens, "; together expected at most ",
        config_.language_model.max_position_embeddings));
  }
  ASSIGN_OR_RETURN(parts.cache, language_model_->NewCache(total));
  if (question.perception && question.mechanisms.decoder_integration && !question.images.empty()) {
    std::vector<ImageMemoryInput> images;
    for (const PerceivedImage* image : question.images) {
      images.push_back({image->q_shared, Tellable(*image, config_.detector)});
    }
    parts.memory = fusion_->BuildMemory(images);  // V_proj + P_proj
  }
  parts.tokenizer = tokenizer_;
  parts.eos_token_ids = config_.language_model.eos_token_ids;
  parts.generation = question.generation;
  if (!perception.empty()) {
    const std::vector<std::string>& stop = config_.prompt.stop;
    parts.generation.stop.insert(parts.generation.stop.end(), stop.begin(), stop.end());
  }
  return std::make_unique<Answer>(std::move(parts));
}

std::vector<AnswerStep> MrMllm::Advance(absl::Span<const AnswerChunk> chunks) {
  c10::InferenceMode guard;
  std::vector<LanguageInput> inputs;
  for (const AnswerChunk& chunk : chunks) {
    inputs.push_back(
        {chunk.answer->Peek(chunk.max_tokens), chunk.answer->cache(), chunk.answer->memory()});
  }
  const at::Tensor logits = language_model_->Forward(inputs);  // [B, vocab]
  std::vector<AnswerStep> steps;
  for (size_t i = 0; i < chunks.size(); ++i) {
    steps.push_back(chunks[i].answer->Take(static_cast<int>(inputs[i].tokens.size()), logits[i]));
  }
  return steps;
}

}  // namespace mrmllm
