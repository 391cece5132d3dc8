// SPDX-License-Identifier: Apache-2.0
#include "model/mr_mllm.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/checkpoint/load.h"
#include "model/color/dominant_color.h"
#include "model/language/compute_dtype.h"
#include "model/language/kernels/one_thread_each.h"
#include "model/language/kv/memory_key.h"
#include "model/load_language_model.h"
#include "model/perception/detection_selection.h"
#include "model/perception/rt_detr/conv_norm.h"
#include "model/perception/second_look_merge.h"
#include "model/perception/second_look_plan.h"
#include "model/prompt/conversation.h"
#include "model/vision/pixel_normalization.h"

namespace mrmllm {
namespace {

// Pixels of every image through one of the two eyes: [B, 3, S, S].
at::Tensor PixelValues(absl::Span<const PerceiveInput> inputs, Image ImageInput::*eye,
                       const PixelNormalization& normalization, const torch::nn::Module& module) {
  std::vector<const Image*> images;
  for (const PerceiveInput& input : inputs) images.push_back(&(input.image->*eye));
  return NormalizeImages(images, normalization, module.parameters()[0].options());
}

std::vector<at::Tensor> InDtype(std::vector<at::Tensor> maps, at::ScalarType dtype) {
  for (at::Tensor& map : maps) map = map.to(dtype);
  return maps;
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
  auto model = std::unique_ptr<MrMllm>(new MrMllm(bundle.config, options));
  const ExecutionStream::Scope on_stream(model->stream_);
  RETURN_IF_ERROR(CheckNoStrayTensors(bundle.tensors,
                                      {"detector", "vision_encoder", "language_model", "fusion"}));
  RETURN_IF_ERROR(model->LoadVision(bundle, options));
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
  model->class_words_ = std::make_unique<const ClassWords>(model->config_.detector.labels);
  return model;
}

absl::Status MrMllm::LoadVision(const Bundle& bundle, const Options& options) {
  ASSIGN_OR_RETURN(const at::ScalarType dtype,
                   ChooseComputeDtype(options.vision_dtype, options.device));
  ASSIGN_OR_RETURN(detector_, MakeDetector(config_.detector));
  TensorMap tensors = bundle.tensors;
  RETURN_IF_ERROR(FoldBatchNorms(*detector_, "detector", tensors));
  RETURN_IF_ERROR(LoadParameters(*detector_, "detector", tensors, dtype, options.device));
  detector_->Prepare();
  ASSIGN_OR_RETURN(vision_encoder_, MakeVisionEncoder(config_.vision_encoder));
  RETURN_IF_ERROR(
      LoadParameters(*vision_encoder_, "vision_encoder", bundle.tensors, dtype, options.device));
  vision_encoder_->Prepare();
  // Its first run makes its kernels. Later ones may be for a finer name only, which no blank image
  // of a warm-up asks for.
  const int side = config_.vision_encoder.input_size;
  vision_encoder_->Classify(vision_encoder_->FeatureMap(
      at::zeros({1, 3, side, side}, at::dtype(dtype).device(options.device))
          .contiguous(at::MemoryFormat::ChannelsLast)));
  finer_names_ = std::make_unique<FinerNames>(config_.vision_encoder, vision_encoder_);
  return absl::OkStatus();
}

absl::Status MrMllm::LoadLanguage(const Bundle& bundle, const Options& options) {
  ASSIGN_OR_RETURN(
      const WeightFormat format,
      ChooseWeightFormat(options.dtype, config_.language_model.weight_format, options.device));
  ASSIGN_OR_RETURN(language_model_, LoadLanguageModel(bundle, format, options.device));
  ASSIGN_OR_RETURN(kv_pool_,
                   KvPool::Create(config_.language_model, {.capacity_bytes = options.kv_cache_bytes,
                                                           .dtype = language_model_->kv_dtype(),
                                                           .device = options.device}));
  fusion_ = Fusion(config_);
  RETURN_IF_ERROR(LoadParameters(*fusion_, "fusion", bundle.tensors, at::kFloat, options.device));
  fusion_->Prepare();
  language_model_->set_integration(fusion_->integration());
  return absl::OkStatus();
}

std::vector<PerceivedImage> MrMllm::Perceive(absl::Span<const PerceiveInput> inputs) {
  c10::InferenceMode guard;
  const ExecutionStream::Scope on_stream(stream_);
  std::vector<at::Tensor> perception = detector_->Neck(
      PixelValues(inputs, &ImageInput::detector_pixels, config_.detector.normalization,
                  *detector_));  // Vf_p
  at::Tensor q_shared;           // [B, K, D]
  if (fusion_->needs_queries()) q_shared = FuseQueries(inputs, perception);
  std::vector<PerceivedImage> seen(inputs.size());
  for (size_t i = 0; q_shared.defined() && i < inputs.size(); ++i) {
    // A copy: a row of the batch would keep the whole batch in the feature cache. And before the
    // boxes leave the device: once they have, it is there for any other stream.
    seen[i].q_shared = q_shared[i].clone();
  }
  const std::vector<std::vector<ScoredBox>> candidates = detector_->Candidates(
      Reinforce(inputs, std::move(perception), q_shared), config_.detector.candidate_threshold);

  std::vector<DisplayedFrame> frames;
  for (const PerceiveInput& input : inputs) {
    frames.push_back({input.image->width, input.image->height, input.image->detector_geometry});
  }
  std::vector<std::vector<Detection>> detections =
      SelectDetections(candidates, frames, config_.detector);
  std::vector<FinerNames::Target> targets;
  for (size_t i = 0; i < inputs.size(); ++i) targets.push_back({inputs[i].image, &detections[i]});
  Describe(targets);
  for (size_t i = 0; i < inputs.size(); ++i) seen[i].detections = std::move(detections[i]);
  return seen;
}

std::vector<NormalizedBox> MrMllm::PlanSecondLook(absl::Span<const Detection> first,
                                                  const SecondLookQuery& query) const {
  std::set<std::string> wanted(query.classes.begin(), query.classes.end());
  for (const ClassMeaning& meaning : class_words_->FindIn(query.question)) {
    wanted.insert(meaning.labels.begin(), meaning.labels.end());
  }
  const DetectorConfig& detector = config_.detector;
  SecondLookReasons reasons{
      first, query.width, query.height, query.detail_side, detector.input_size, {}};
  for (size_t i = 0; i < detector.labels.size(); ++i) {
    if (wanted.contains(detector.labels[i])) reasons.class_ids.insert(static_cast<int>(i));
  }
  return mrmllm::PlanSecondLook(reasons, query.settings);
}

std::vector<SecondLook> MrMllm::LookAgain(absl::Span<const LookAgainInput> inputs) {
  c10::InferenceMode guard;
  const ExecutionStream::Scope on_stream(stream_);
  std::vector<std::pair<const Image*, NormalizedBox>> wanted;
  for (const LookAgainInput& input : inputs) {
    for (const NormalizedBox& region : input.regions) {
      wanted.emplace_back(&input.image->detail, region);
    }
  }
  std::vector<RegionInput> regions(wanted.size());
  const ImageSpec spec{config_.detector.input_size, config_.detector.resize};
  kernels::OneThreadEach(static_cast<int64_t>(wanted.size()), [&](int64_t i) {
    regions[i] = CutRegion(*wanted[i].first, wanted[i].second, spec);
  });
  std::vector<DisplayedFrame> frames;
  for (const RegionInput& region : regions) frames.push_back(region.frame);
  std::vector<std::vector<Detection>> detections =
      SelectDetections(RegionCandidates(inputs, regions), frames, config_.detector);

  std::vector<SecondLook> looks(inputs.size());
  size_t next = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::vector<RegionDetections> of_image;
    for (size_t j = 0; j < inputs[i].regions.size(); ++j, ++next) {
      for (Detection& detection : detections[next]) {
        detection.box = FromMirroredRegion(detection.box, regions[next].region);
      }
      of_image.push_back({regions[next].region, std::move(detections[next])});
    }
    MergedLooks merged = MergeLooks(inputs[i].first->detections, of_image, config_.detector);
    looks[i] = {{std::move(merged.detections), inputs[i].first->q_shared},
                merged.added_count,
                merged.changed_count};
  }
  DescribeNew(inputs, looks);
  return looks;
}

void MrMllm::Describe(absl::Span<const FinerNames::Target> targets) const {
  finer_names_->Assign(targets);
  for (const FinerNames::Target& target : targets) {
    AssignColors(target.image->detail, *target.detections);
  }
}

void MrMllm::DescribeNew(absl::Span<const LookAgainInput> inputs,
                         std::vector<SecondLook>& looks) const {
  const auto undescribed = [](const Detection& detection) {
    return detection.from_second_look && detection.finer_label.empty() && detection.color.empty();
  };
  std::vector<std::vector<Detection>> new_ones(looks.size());
  std::vector<FinerNames::Target> targets;
  for (size_t i = 0; i < looks.size(); ++i) {
    std::copy_if(looks[i].seen.detections.begin(), looks[i].seen.detections.end(),
                 std::back_inserter(new_ones[i]), undescribed);
    targets.push_back({inputs[i].image, &new_ones[i]});
  }
  Describe(targets);
  for (size_t i = 0; i < looks.size(); ++i) {
    auto described = new_ones[i].begin();
    for (Detection& detection : looks[i].seen.detections) {
      if (undescribed(detection)) detection = std::move(*described++);
    }
  }
}

std::vector<std::vector<ScoredBox>> MrMllm::RegionCandidates(
    absl::Span<const LookAgainInput> inputs, absl::Span<const RegionInput> regions) {
  std::vector<PerceiveInput> owners;  // of each region
  std::vector<at::Tensor> queries;
  for (const LookAgainInput& input : inputs) {
    for (size_t i = 0; i < input.regions.size(); ++i) {
      // Without the first look's queries nothing reinforces.
      owners.push_back({input.image, input.query_fusion && input.first->q_shared.defined()});
      if (input.first->q_shared.defined()) queries.push_back(input.first->q_shared);
    }
  }
  std::vector<const Image*> images;
  for (const RegionInput& region : regions) images.push_back(&region.pixels);
  if (images.empty()) return {};
  std::vector<at::Tensor> perception = detector_->Neck(NormalizeImages(
      images, config_.detector.normalization, detector_->parameters()[0].options()));
  at::Tensor q_shared;
  if (queries.size() == owners.size()) q_shared = at::stack(queries).to(options_.device);
  return detector_->Candidates(Reinforce(owners, std::move(perception), q_shared),
                               config_.detector.candidate_threshold);
}

at::Tensor MrMllm::FuseQueries(absl::Span<const PerceiveInput> inputs,
                               const std::vector<at::Tensor>& perception) const {
  const at::Tensor comprehension = vision_encoder_->FeatureMap(
      PixelValues(inputs, &ImageInput::encoder_pixels, config_.vision_encoder.normalization,
                  *vision_encoder_));  // Vf_m
  return fusion_->FuseQueries(comprehension.to(at::kFloat), InDtype(perception, at::kFloat));
}

std::vector<at::Tensor> MrMllm::Reinforce(absl::Span<const PerceiveInput> inputs,
                                          std::vector<at::Tensor> perception,
                                          const at::Tensor& q_shared) {
  const auto wanted = [](const PerceiveInput& input) { return input.query_fusion; };
  if (!q_shared.defined() || std::none_of(inputs.begin(), inputs.end(), wanted)) {
    return perception;
  }
  // Fusion computes in float32, whatever the detector does; there and back is exact.
  std::vector<at::Tensor> reinforced =
      InDtype(fusion_->ReinforcePerception(InDtype(perception, at::kFloat), q_shared),
              perception.front().scalar_type());
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

absl::StatusOr<std::unique_ptr<Answer>> MrMllm::Start(const Question& question) {
  c10::InferenceMode guard;
  const ExecutionStream::Scope on_stream(stream_);
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
  parts.prompt = chat_template_->Render(
      ComposeConversation({question.turns, question.text, perception, config_.prompt.system}),
      true);
  parts.memory = Memory(question);
  ASSIGN_OR_RETURN(parts.cache, NewCache(question, parts.prompt, parts.memory.get()));
  parts.tokenizer = tokenizer_;
  parts.eos_token_ids = config_.language_model.eos_token_ids;
  parts.generation = question.generation;
  if (!perception.empty()) {
    const std::vector<std::string>& stop = config_.prompt.stop;
    parts.generation.stop.insert(parts.generation.stop.end(), stop.begin(), stop.end());
  }
  return std::make_unique<Answer>(std::move(parts));
}

std::shared_ptr<const CrossModalMemory> MrMllm::Memory(const Question& question) const {
  if (!question.perception || !question.mechanisms.decoder_integration || question.images.empty()) {
    return nullptr;
  }
  std::vector<ImageMemoryInput> images;
  for (const PerceivedImage* image : question.images) {
    at::Tensor q_shared = image->q_shared;
    // The image may have been perceived on another device.
    if (q_shared.defined()) q_shared = q_shared.to(options_.device);
    images.push_back({std::move(q_shared), Tellable(*image, config_.detector)});
  }
  return fusion_->BuildMemory(images);
}

absl::StatusOr<std::unique_ptr<KvCache>> MrMllm::NewCache(const Question& question,
                                                          absl::Span<const int32_t> prompt,
                                                          const CrossModalMemory* memory) const {
  const int64_t total = static_cast<int64_t>(prompt.size()) + question.generation.max_new_tokens;
  const int64_t context = config_.language_model.max_position_embeddings;
  const int64_t pool = kv_pool_->blocks().count() * KvPool::kBlockTokens;
  if (total > std::min(context, pool)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "question: expected at most ", std::min(context, pool), " tokens of prompt and answer (",
        context <= pool ? "the model's context" : "kv_cache.capacity_bytes", "), got ", total, ": ",
        prompt.size(), " of the prompt and generation.max_new_tokens ",
        question.generation.max_new_tokens));
  }
  std::vector<PrefixKey> keys;
  if (options_.share_prefixes) {
    PrefixKey images = {};
    if (memory != nullptr) images = MemoryKey(*memory);
    const PrefixKey root =
        RootPrefixKey({question.cache_salt,
                       config_.name,
                       config_.version,
                       {reinterpret_cast<const char*>(images.data()), images.size()}});
    // The last token is always read: its logits begin the answer.
    keys = PrefixKeys(root, prompt.first(prompt.size() - 1), KvPool::kBlockTokens);
  }
  return std::make_unique<KvCache>(kv_pool_, total, std::move(keys));
}

std::vector<AnswerStep> MrMllm::Advance(absl::Span<const AnswerChunk> chunks) {
  c10::InferenceMode guard;
  const ExecutionStream::Scope on_stream(stream_);
  std::vector<LanguageInput> inputs;
  bool greedy = true;
  for (const AnswerChunk& chunk : chunks) {
    const Answer& answer = *chunk.answer;
    inputs.push_back({answer.Peek(chunk.max_tokens), answer.cache(), answer.memory()});
    greedy = greedy && (answer.is_plain_greedy() ||
                        !answer.SpeaksAfter(static_cast<int>(inputs.back().tokens.size())));
  }
  const at::Tensor logits = language_model_->Forward(inputs);  // [B, vocab]
  std::vector<int32_t> best;
  if (greedy) best = Sampler::ArgMax(logits);
  std::vector<AnswerStep> steps;
  for (size_t i = 0; i < chunks.size(); ++i) {
    const int count = static_cast<int>(inputs[i].tokens.size());
    steps.push_back(greedy ? chunks[i].answer->TakeGreedy(count, best[i])
                           : chunks[i].answer->Take(count, logits[i]));
  }
  return steps;
}

}  // namespace mrmllm
