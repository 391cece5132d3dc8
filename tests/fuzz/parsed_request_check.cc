// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/parsed_request_check.h"

#include <variant>

#include "google/protobuf/stubs/logging.h"
#include "server/rpc/request/image_intake.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

constexpr int kMaxImages = 3;

const EngineInfo& Info() {
  static const EngineInfo& info =
      *new EngineInfo{.model_name = "fuzzed",
                      .model_version = "1",
                      .labels = {"dog", "cat"},
                      .candidate_threshold = 0.05f,
                      .sure_threshold = 0.5f,
                      .context_tokens = 2048,
                      .max_detail_side = 64,
                      .detector_input = {.size = 32, .resize = ImageSpec::Resize::kLetterbox},
                      .encoder_input = {.size = 24}};
  return info;
}

bool Within(double value, double low, double high) { return value >= low && value <= high; }

void CheckPerceptionSettings(const PerceptionSettings& settings) {
  FuzzCheck(Within(settings.max_objects, 1, kMaxObjects), "max_objects");
  FuzzCheck(Within(settings.score_threshold.value_or(0), 0, 1), "score_threshold");
  FuzzCheck(Within(settings.second_look.max_crops, 1, kMaxCrops), "second_look.max_crops");
  FuzzCheck(settings.classes.size() <= kMaxClasses, "classes");
  for (const std::string& label : settings.classes) {
    FuzzCheck(label == "dog" || label == "cat", "classes are known labels");
  }
}

void CheckAnswer(const AnswerInput& answer) {
  FuzzCheck(Within(answer.question.size(), 1, kMaxQuestionBytes), "question");
  FuzzCheck(answer.turns.size() <= kMaxTurns, "turns");
  for (const Turn& turn : answer.turns) {
    FuzzCheck(Within(turn.text.size(), 1, kMaxTurnBytes), "a turn's text");
  }
  const GenerationSettings& generation = answer.generation;
  FuzzCheck(Within(generation.max_new_tokens, 1, kMaxNewTokens), "max_new_tokens");
  FuzzCheck(Within(generation.temperature, 0, kMaxTemperature), "temperature");
  FuzzCheck(Within(generation.top_p, 0, 1) && generation.top_p > 0, "top_p");
  FuzzCheck(Within(generation.top_k, 0, kMaxTopK), "top_k");
  FuzzCheck(Within(generation.repetition_penalty, 1, kMaxRepetitionPenalty), "repetition_penalty");
  FuzzCheck(generation.stop.size() <= kMaxStopStrings, "stop strings");
  for (const std::string& stop : generation.stop) {
    FuzzCheck(Within(stop.size(), 1, kMaxStopBytes), "a stop string");
  }
}

void TakeIn(const ImageSource& source) {
  static const ImageDecoder& decoder =
      *new ImageDecoder({.max_bytes = 1 << 16, .max_pixels = 1 << 16, .max_side = 1024},
                        Info().detector_input, Info().encoder_input, Info().max_detail_side);
  static const ImageIntake& intake =
      *new ImageIntake(&decoder, /*cache=*/nullptr, ImageKey(Info(), "a secret of the fuzzer"));
  auto taken = intake.Check(source, {.tenant = "alice"});
  FuzzCheck(taken.ok() || !std::holds_alternative<KnownImage>(source.from) ||
                taken.status().code() == absl::StatusCode::kNotFound,
            "an image_id is unknown where nothing is cached");
  if (!taken.ok()) return;
  FuzzCheck(taken->pixels >= 1 && taken->pixels <= 1 << 16, "pixels are within the limit");
  const absl::Status loaded = intake.Load(source, {.tenant = "alice"}, &*taken);
  FuzzCheck(loaded.ok() == taken->known(), "an image is loaded or refused");
}

}  // namespace

const ValidationRules& FuzzRules() {
  // It prints a line for every text that is no UTF-8, which takes longer than all the rest.
  static const bool quiet = google::protobuf::SetLogHandler(nullptr) != nullptr;
  (void)quiet;
  static const ValidationRules& rules =
      *new ValidationRules{.max_images_per_request = kMaxImages, .engine = &Info()};
  return rules;
}

void CheckParsedRequest(const ParsedRequest& request) {
  FuzzCheck(request.images.size() <= kMaxImages, "images");
  FuzzCheck(!request.images.empty() || request.answer.has_value(), "there is something to do");
  CheckPerceptionSettings(request.perception);
  if (request.answer.has_value()) CheckAnswer(*request.answer);
  for (const ImageSource& source : request.images) TakeIn(source);
}

}  // namespace mrmllm
