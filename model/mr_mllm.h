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
#include "base/words/class_words.h"
#include "model/answer.h"
#include "model/checkpoint/bundle.h"
#include "model/config.h"
#include "model/device.h"
#include "model/fusion/fusion.h"
#include "model/language/language_model.h"
#include "model/perception/detector.h"
#include "model/perception/region_input.h"
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

// A second look at parts of an image that Perceive has seen.
struct LookAgainInput {
  const ImageInput* image = nullptr;
  const PerceivedImage* first = nullptr;
  bool query_fusion = true;                 // as it was for `first`
  absl::Span<const NormalizedBox> regions;  // of the displayed image
};

struct SecondLook {
  PerceivedImage seen;    // the boxes of both looks; q_shared is the first look's
  int added_count = 0;    // see MergedLooks
  int changed_count = 0;  // see MergedLooks
};

// A question about perceived images. Refers to its parts; they must stay until Start returns.
struct Question {
  std::vector<const PerceivedImage*> images;
  absl::Span<const Turn> turns;
  std::string text;
  GenerationSettings generation;
  bool perception = true;
  Mechanisms mechanisms;
  std::string cache_salt;  // prompts share prefixes only under equal salts
};

struct AnswerChunk {
  Answer* answer = nullptr;
  int max_tokens = 1;
};

// The whole model (arXiv 2406.15768): a detector and a language model that reinforce each other.
//
//   perceive:   Vf_m, Vf_p -> Q_shared = F(Vf_m, Vf_p) -> Vf_p' -> detections, names and colors
//   look again: Vf_p of regions, Q_shared -> Vf_p' -> more detections
//   start:      T' = prompt(T, detections); memory = V_proj + P_proj
//   advance:    H(n+1) = L_n(H(n), V_proj + P_proj), a token or a chunk of the prompt for each
//
// Thread-safety: one thread at a time for Perceive, LookAgain, Start and Advance; const methods
// from any thread. Ownership: owns all parts; answers must not outlive it. Errors: Load and Start
// return them. libtorch's exceptions pass through Perceive, LookAgain and Advance: its user catches
// them once.
class MrMllm {
 public:
  struct Options {
    at::Device device = at::kCPU;
    std::string dtype = "auto";         // of the language model: see ChooseWeightFormat
    std::string vision_dtype = "auto";  // of the detector and the vision encoder: the same words
    size_t kv_cache_bytes = size_t{256} << 20;  // of keys and values, all answers together
    bool share_prefixes = true;                 // equal beginnings of prompts are read once
  };

  static absl::StatusOr<std::unique_ptr<MrMllm>> Load(const Bundle& bundle, const Options& options);

  std::vector<PerceivedImage> Perceive(absl::Span<const PerceiveInput> inputs);

  // The parts of an image of `width` x `height` pixels that are worth a second look, best reason
  // first. `classes` (labels) and those that `question` names are looked for above all.
  struct SecondLookQuery {
    int width = 0;
    int height = 0;
    int detail_side = 0;  // longest side of ImageInput::detail, at most
    SecondLookSettings settings;
    absl::Span<const std::string> classes;
    std::string_view question;
  };
  std::vector<NormalizedBox> PlanSecondLook(absl::Span<const Detection> first,
                                            const SecondLookQuery& query) const;

  // One batch of all regions of all inputs; result i belongs to inputs[i].
  std::vector<SecondLook> LookAgain(absl::Span<const LookAgainInput> inputs);

  // Composes the prompt; the answer reserves its cache itself. INVALID_ARGUMENT when prompt and
  // answer do not fit the context or the key-value pool.
  absl::StatusOr<std::unique_ptr<Answer>> Start(const Question& question);

  // Forgets the prefixes of answers that have gone.
  void ForgetPrefixes() { kv_pool_->blocks().ForgetContents(); }

  // One forward pass for all; result i belongs to chunks[i].
  std::vector<AnswerStep> Advance(absl::Span<const AnswerChunk> chunks);

  const ModelConfig& config() const { return config_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  WeightFormat weight_format() const { return language_model_->weight_format(); }
  const KvPool& kv_pool() const { return *kv_pool_; }
  // For tests: runs fusion's paths although their gates are closed.
  void set_compute_closed_paths(bool compute) { fusion_->set_compute_closed_paths(compute); }

 private:
  MrMllm(ModelConfig config, Options options)
      : config_(std::move(config)), options_(std::move(options)), stream_(options_.device) {}

  absl::Status LoadVision(const Bundle& bundle, const Options& options);
  absl::Status LoadLanguage(const Bundle& bundle, const Options& options);
  // Q_shared = F(Vf_m, Vf_p)
  at::Tensor FuseQueries(absl::Span<const PerceiveInput> inputs,
                         const std::vector<at::Tensor>& perception) const;
  // Vf_p' of the images that ask for query fusion, Vf_p of the others.
  std::vector<at::Tensor> Reinforce(absl::Span<const PerceiveInput> inputs,
                                    std::vector<at::Tensor> perception, const at::Tensor& q_shared);
  // Candidates of every region, all inputs' one after the other.
  std::vector<std::vector<ScoredBox>> RegionCandidates(absl::Span<const LookAgainInput> inputs,
                                                       absl::Span<const RegionInput> regions);
  // Finer names and colors.
  void Describe(absl::Span<const FinerNames::Target> targets) const;
  // Those of the boxes that a second look brought.
  void DescribeNew(absl::Span<const LookAgainInput> inputs, std::vector<SecondLook>& looks) const;
  // V_proj + P_proj; null when the question reads no image or every gate is closed.
  std::shared_ptr<const CrossModalMemory> Memory(const Question& question) const;
  absl::StatusOr<std::unique_ptr<KvCache>> NewCache(const Question& question,
                                                    absl::Span<const int32_t> prompt,
                                                    const CrossModalMemory* memory) const;

  const ModelConfig config_;
  const Options options_;
  const ExecutionStream stream_;
  std::shared_ptr<Detector> detector_;
  std::shared_ptr<VisionEncoder> vision_encoder_;
  std::unique_ptr<FinerNames> finer_names_;
  LanguageModel language_model_{nullptr};
  std::shared_ptr<KvPool> kv_pool_;
  Fusion fusion_{nullptr};
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> chat_template_;
  std::unique_ptr<PerceptionPrompt> perception_prompt_;
  std::unique_ptr<const ClassWords> class_words_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_MR_MLLM_H_
