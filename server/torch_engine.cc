// SPDX-License-Identifier: Apache-2.0
#include "server/torch_engine.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/checkpoint/bundle.h"
#include "model/device.h"
#include "model/mr_mllm.h"
#include "server/torch_failure.h"
#include "server/torch_warm_up.h"

namespace mrmllm {
namespace {

constexpr int kPromptFrameTokens = 96;  // template, system text and the prompt's own words
constexpr int kBytesPerToken = 3;       // of English text; other scripts have fewer: an estimate

class TensorFeatures : public ImageFeatures {
 public:
  explicit TensorFeatures(PerceivedImage seen) : seen_(std::move(seen)) {}

  size_t size_bytes() const override {
    return seen_.q_shared.defined() ? seen_.q_shared.nbytes() : 0;
  }
  const PerceivedImage& seen() const { return seen_; }

 private:
  const PerceivedImage seen_;
};

class TorchSequence : public Sequence {
 public:
  explicit TorchSequence(std::unique_ptr<Answer> answer) : answer_(std::move(answer)) {}

  int64_t kv_blocks_needed() const override { return answer_->cache()->blocks_needed(); }
  bool Reserve() override { return answer_->Reserve(); }
  int pending_prompt_tokens() const override { return answer_->pending_prompt_tokens(); }
  TokenUsage usage() const override { return answer_->usage(); }
  size_t cache_bytes() const override { return answer_->cache()->size_bytes(); }
  Answer* answer() const { return answer_.get(); }

 private:
  const std::unique_ptr<Answer> answer_;
};

// Runs `work`, turning libtorch's exceptions into statuses.
template <typename Work>
auto Guarded(const char* step, Work&& work) -> absl::StatusOr<decltype(work())> {
  try {
    return work();
  } catch (const std::exception& error) {
    return FailureStatus(step, error);
  }
}

StepResult ToStepResult(AnswerStep step) {
  return {step.produced_token, std::move(step.text), step.finish};
}

class TorchEngine : public Engine {
 public:
  TorchEngine(std::unique_ptr<MrMllm> model, EngineInfo info, const PromptConfig& prompt)
      : model_(std::move(model)),
        info_(std::move(info)),
        max_perception_tokens_(prompt.max_perception_tokens) {}

  const EngineInfo& info() const override { return info_; }

  int EstimatePromptTokens(int image_count, size_t text_bytes) const override {
    return kPromptFrameTokens + image_count * max_perception_tokens_ +
           static_cast<int>(text_bytes / kBytesPerToken);
  }

  KvUsage kv_usage() const override {
    const KvBlocks& blocks = model_->kv_pool().blocks();
    const KvBlocks::Usage usage = blocks.usage();
    return {blocks.count(), usage.held, usage.cached};
  }

  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override {
    std::vector<PerceiveInput> inputs;
    for (const PerceiveItem& item : items) inputs.push_back({item.image.get(), item.query_fusion});
    auto seen = Guarded("perceive", [&] { return model_->Perceive(inputs); });
    if (!seen.ok() && items.size() > 1 && !absl::IsUnavailable(seen.status())) {
      return OneByOne(items, [this](const PerceiveItem& item) { return Perceive({item}); });
    }
    std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
    for (size_t i = 0; i < items.size(); ++i) {
      if (seen.ok()) {
        results.push_back(ToPerception(items[i], std::move((*seen)[i])));
      } else {
        results.push_back(seen.status());
      }
    }
    return results;
  }

  std::vector<NormalizedBox> PlanSecondLook(const Perception& first,
                                            const SecondLookGuide& guide) const override {
    return model_->PlanSecondLook(first.detections, {.width = first.width,
                                                     .height = first.height,
                                                     .detail_side = info_.max_detail_side,
                                                     .settings = guide.settings,
                                                     .classes = guide.classes,
                                                     .question = guide.question});
  }

  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> LookAgain(
      absl::Span<const LookAgainItem> items) override {
    std::vector<LookAgainInput> inputs;
    for (const LookAgainItem& item : items) {
      inputs.push_back(
          {item.image.get(), &SeenIn(*item.first), item.first->query_fusion, item.regions});
    }
    auto looks = Guarded("look again", [&] { return model_->LookAgain(inputs); });
    if (!looks.ok() && items.size() > 1 && !absl::IsUnavailable(looks.status())) {
      return OneByOne(items, [this](const LookAgainItem& item) { return LookAgain({item}); });
    }
    std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
    for (size_t i = 0; i < items.size(); ++i) {
      if (looks.ok()) {
        results.push_back(ToPerception(items[i], std::move((*looks)[i])));
      } else {
        results.push_back(looks.status());
      }
    }
    return results;
  }

  absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput& input) override {
    ASSIGN_OR_RETURN(auto answer,
                     Guarded("start", [&] { return model_->Start(ToQuestion(input)); }));
    RETURN_IF_ERROR(answer.status());
    return std::make_unique<TorchSequence>(*std::move(answer));
  }

  std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) override {
    std::vector<AnswerChunk> chunks;
    for (const PrefillItem& item : items) {
      chunks.push_back({static_cast<TorchSequence*>(item.sequence)->answer(), item.max_tokens});
    }
    return Advance("prefill", chunks);
  }

  std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) override {
    std::vector<AnswerChunk> chunks;
    for (Sequence* sequence : sequences) {
      chunks.push_back({static_cast<TorchSequence*>(sequence)->answer(), 1});
    }
    return Advance("decode", chunks);
  }

  void ForgetPrefixes() { model_->ForgetPrefixes(); }

 private:
  static const PerceivedImage& SeenIn(const Perception& perception) {
    return static_cast<const TensorFeatures&>(*perception.features).seen();
  }

  static Question ToQuestion(const AnswerInput& input) {
    Question question;
    for (const auto& image : input.images) {
      question.images.push_back(&SeenIn(*image));
    }
    question.turns = input.turns;
    question.text = input.question;
    question.generation = input.generation;
    question.perception = input.perception.enabled;
    question.mechanisms = input.perception.mechanisms;
    question.cache_salt = input.cache_salt;
    return question;
  }

  static std::shared_ptr<const Perception> ToPerception(const PerceiveItem& item,
                                                        PerceivedImage seen) {
    auto perception = std::make_shared<Perception>();
    perception->width = item.image->width;
    perception->height = item.image->height;
    perception->query_fusion = item.query_fusion;
    perception->detections = seen.detections;
    perception->features = std::make_shared<TensorFeatures>(std::move(seen));
    return perception;
  }

  static std::shared_ptr<const Perception> ToPerception(const LookAgainItem& item,
                                                        SecondLook look) {
    auto perception = std::make_shared<Perception>();
    perception->width = item.first->width;
    perception->height = item.first->height;
    perception->query_fusion = item.first->query_fusion;
    perception->detections = look.seen.detections;
    perception->features = std::make_shared<TensorFeatures>(std::move(look.seen));
    perception->second_look = item.regions;
    perception->added_count = look.added_count;
    perception->changed_count = look.changed_count;
    return perception;
  }

  // A batch that failed as a whole, so that only the item at fault fails.
  template <typename Item, typename Step>
  static std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> OneByOne(
      absl::Span<const Item> items, Step&& step) {
    std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
    for (const Item& item : items) results.push_back(std::move(step(item)[0]));
    return results;
  }

  // A forward pass that threw has appended to no cache, so its sequences can be run one by one.
  std::vector<absl::StatusOr<StepResult>> Advance(const char* step,
                                                  absl::Span<const AnswerChunk> chunks) {
    auto steps = Guarded(step, [&] { return model_->Advance(chunks); });
    std::vector<absl::StatusOr<StepResult>> results;
    for (size_t i = 0; i < chunks.size(); ++i) {
      if (steps.ok()) {
        results.push_back(ToStepResult(std::move((*steps)[i])));
      } else if (chunks.size() > 1 && !absl::IsUnavailable(steps.status())) {
        results.push_back(std::move(Advance(step, {chunks[i]})[0]));
      } else {
        results.push_back(steps.status());
      }
    }
    return results;
  }

  const std::unique_ptr<MrMllm> model_;
  const EngineInfo info_;
  const int max_perception_tokens_;
};

EngineInfo MakeInfo(const MrMllm& model, const TorchEngineOptions& options, at::Device device) {
  const ModelConfig& config = model.config();
  return {.model_name = config.name,
          .model_version = config.version,
          .labels = config.detector.labels,
          .candidate_threshold = config.detector.candidate_threshold,
          .unsure_threshold = config.detector.unsure_threshold,
          .sure_threshold = config.detector.sure_threshold,
          .context_tokens = config.language_model.max_position_embeddings,
          .max_detail_side = options.max_detail_side,
          .detector_input = {config.detector.input_size, config.detector.resize},
          .encoder_input = {config.vision_encoder.input_size, config.vision_encoder.resize},
          .device = device.str(),
          .dtype = std::string(WeightFormatName(model.weight_format())),
          .kv_block_tokens = static_cast<int>(KvPool::kBlockTokens),
          .kv_blocks = model.kv_pool().blocks().count()};
}

}  // namespace

void SetTorchThreads(int threads) {
  at::set_num_threads(threads > 0 ? threads
                                  : static_cast<int>(std::thread::hardware_concurrency()));
}

absl::StatusOr<std::unique_ptr<Engine>> OpenTorchEngine(const TorchEngineOptions& options,
                                                        Clock* clock,
                                                        const StartupPhaseListener& on_phase) {
  absl::Time begin = clock->Now();
  const auto end_phase = [&](std::string_view phase) {
    const absl::Time now = clock->Now();
    if (on_phase) on_phase(phase, now - begin);
    begin = now;
  };
  SetTorchThreads(options.threads);
  ASSIGN_OR_RETURN(const at::Device device, OpenDevice(options.device));
  end_phase("device");
  ASSIGN_OR_RETURN(
      const Bundle bundle,
      Bundle::Load(options.bundle_directory, {.verify_checksums = options.verify_checksums}));
  end_phase("bundle");
  ASSIGN_OR_RETURN(auto loaded, Guarded("load", [&] {
                     return MrMllm::Load(bundle, {.device = device,
                                                  .dtype = options.dtype,
                                                  .vision_dtype = options.vision_dtype,
                                                  .kv_cache_bytes = options.kv_cache_bytes,
                                                  .share_prefixes = options.share_prefixes});
                   }));
  RETURN_IF_ERROR(loaded.status());
  std::unique_ptr<MrMllm> model = *std::move(loaded);
  EngineInfo info = MakeInfo(*model, options, device);
  auto engine =
      std::make_unique<TorchEngine>(std::move(model), std::move(info), bundle.config.prompt);
  end_phase("model");
  TorchEngine* const torch_engine = engine.get();
  std::unique_ptr<Engine> serving = std::move(engine);
  if (options.turn != nullptr) serving = TakeTurns(std::move(serving), options.turn);
  RETURN_IF_ERROR(WarmUp(*serving, {.images = options.warm_up_images,
                                    .prompt_tokens = options.warm_up_prompt_tokens,
                                    .sequences = options.warm_up_sequences}));
  torch_engine->ForgetPrefixes();
  end_phase("warm_up");
  return serving;
}

}  // namespace mrmllm
