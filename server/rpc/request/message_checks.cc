// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/request/field_checks.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {
namespace {

std::optional<RawPixels::Format> ToFormat(v1::PixelFormat format) {
  switch (format) {
    case v1::PIXEL_FORMAT_RGB:
      return RawPixels::Format::kRgb;
    case v1::PIXEL_FORMAT_BGR:
      return RawPixels::Format::kBgr;
    case v1::PIXEL_FORMAT_GRAY:
      return RawPixels::Format::kGray;
    default:
      return std::nullopt;
  }
}

RawPixels CheckRawImage(const std::string& field, const v1::RawImage& raw, FieldChecks* checks) {
  const std::optional<RawPixels::Format> format = ToFormat(raw.format());
  if (!format.has_value()) {
    checks->Add(absl::StrCat(field, ".format"),
                absl::StrCat("expected PIXEL_FORMAT_RGB, PIXEL_FORMAT_BGR or PIXEL_FORMAT_GRAY, "
                             "got ",
                             static_cast<int>(raw.format())));
  }
  return {.pixels = raw.pixels(),
          .width = raw.width(),
          .height = raw.height(),
          .row_stride_bytes = raw.row_stride_bytes(),
          .format = format.value_or(RawPixels::Format::kRgb)};
}

std::optional<Turn::Role> ToRole(v1::Role role) {
  switch (role) {
    case v1::ROLE_SYSTEM:
      return Turn::Role::kSystem;
    case v1::ROLE_USER:
      return Turn::Role::kUser;
    case v1::ROLE_ASSISTANT:
      return Turn::Role::kAssistant;
    default:
      return std::nullopt;
  }
}

std::string RoleName(v1::Role role) {
  return v1::Role_IsValid(role) ? v1::Role_Name(role) : absl::StrCat(static_cast<int>(role));
}

// Sampling without a seed differs from call to call.
uint64_t SeedOf(const v1::GenerationSettings& settings) {
  if (settings.has_seed()) return static_cast<uint64_t>(settings.seed());
  if (settings.temperature() == 0) return 0;
  absl::BitGen random;
  return absl::Uniform<uint64_t>(random);
}

std::optional<SecondLookMode> ToMode(v1::SecondLookMode mode, SecondLookMode unspecified) {
  switch (mode) {
    case v1::SECOND_LOOK_MODE_UNSPECIFIED:
      return unspecified;
    case v1::SECOND_LOOK_MODE_OFF:
      return SecondLookMode::kOff;
    case v1::SECOND_LOOK_MODE_AUTOMATIC:
      return SecondLookMode::kAutomatic;
    case v1::SECOND_LOOK_MODE_ALWAYS:
      return SecondLookMode::kAlways;
    default:
      return std::nullopt;
  }
}

SecondLookSettings CheckSecondLook(const std::string& field, const v1::SecondLookSettings& settings,
                                   const SecondLookSettings& unspecified, FieldChecks* checks) {
  SecondLookSettings result = unspecified;
  const std::optional<SecondLookMode> mode = ToMode(settings.mode(), unspecified.mode);
  if (mode.has_value()) {
    result.mode = *mode;
  } else {
    checks->Add(absl::StrCat(field, ".mode"),
                absl::StrCat("expected SECOND_LOOK_MODE_OFF, SECOND_LOOK_MODE_AUTOMATIC or "
                             "SECOND_LOOK_MODE_ALWAYS, got ",
                             static_cast<int>(settings.mode())));
  }
  const int64_t crops = checks->InRange(absl::StrCat(field, ".max_crop_count"),
                                        settings.max_crop_count(), 0, kMaxCrops);
  if (crops != 0) result.max_crops = static_cast<int>(crops);
  return result;
}

}  // namespace

ImageSource CheckImage(const std::string& field, const v1::Image& image, FieldChecks* checks) {
  ImageSource source{.field = field};
  switch (image.source_case()) {
    case v1::Image::kContent:
      source.from = EncodedImage{image.content()};
      break;
    case v1::Image::kRaw:
      source.from = CheckRawImage(absl::StrCat(field, ".raw"), image.raw(), checks);
      break;
    case v1::Image::kImageId:
      if (image.image_id().empty()) {
        checks->Add(absl::StrCat(field, ".image_id"),
                    "expected the image_id of an earlier reply, got an empty string");
      }
      source.from = KnownImage{image.image_id()};
      break;
    case v1::Image::SOURCE_NOT_SET:
      checks->Add(field, "expected one of content, raw and image_id, got none");
      break;
  }
  return source;
}

PerceptionSettings CheckPerception(const std::string& field, const v1::PerceptionSettings& settings,
                                   const ValidationRules& rules, FieldChecks* checks) {
  const std::vector<std::string>& labels = rules.engine->labels;
  PerceptionSettings result;
  result.enabled = !settings.has_enabled() || settings.enabled();
  if (settings.has_score_threshold()) {
    result.score_threshold = checks->NumberInRange(absl::StrCat(field, ".score_threshold"),
                                                   settings.score_threshold(), 0.0f, 1.0f);
  }
  result.max_objects = kDefaultObjects;
  if (settings.max_object_count() != 0) {
    result.max_objects = static_cast<int>(checks->InRange(
        absl::StrCat(field, ".max_object_count"), settings.max_object_count(), 1, kMaxObjects));
  }
  const std::string classes = absl::StrCat(field, ".classes");
  checks->CountInRange(classes, settings.classes_size(), 0, kMaxClasses, "labels");
  if (settings.classes_size() <= kMaxClasses) {
    for (int i = 0; i < settings.classes_size(); ++i) {
      if (std::ranges::find(labels, settings.classes(i)) == labels.end()) {
        checks->Add(absl::StrCat(classes, "[", i, "]"),
                    absl::StrCat("expected a label that ListModels tells, got ",
                                 Quoted(settings.classes(i))));
      }
    }
    result.classes.assign(settings.classes().begin(), settings.classes().end());
  }
  const v1::Mechanisms& mechanisms = settings.mechanisms();
  result.mechanisms.query_fusion = !mechanisms.has_query_fusion() || mechanisms.query_fusion();
  result.mechanisms.decoder_integration =
      !mechanisms.has_decoder_integration() || mechanisms.decoder_integration();
  result.mechanisms.perception_prompt =
      !mechanisms.has_perception_prompt() || mechanisms.perception_prompt();
  result.second_look = CheckSecondLook(absl::StrCat(field, ".second_look"), settings.second_look(),
                                       rules.second_look, checks);
  // Who wants no objects looks for them once less.
  if (!result.enabled) result.second_look.mode = SecondLookMode::kOff;
  return result;
}

GenerationSettings CheckGeneration(const std::string& field, const v1::GenerationSettings& settings,
                                   FieldChecks* checks) {
  GenerationSettings result;
  result.max_new_tokens = kDefaultNewTokens;
  if (settings.max_new_token_count() != 0) {
    result.max_new_tokens =
        static_cast<int>(checks->InRange(absl::StrCat(field, ".max_new_token_count"),
                                         settings.max_new_token_count(), 1, kMaxNewTokens));
  }
  if (settings.has_temperature()) {
    result.temperature = checks->NumberInRange(absl::StrCat(field, ".temperature"),
                                               settings.temperature(), 0.0f, kMaxTemperature);
  }
  if (settings.has_top_p()) {
    result.top_p =
        checks->NumberInRange(absl::StrCat(field, ".top_p"), settings.top_p(), 0.0f, 1.0f,
                              /*open=*/true);
  }
  result.top_k = static_cast<int>(
      checks->InRange(absl::StrCat(field, ".top_k"), settings.top_k(), 0, kMaxTopK));
  if (settings.has_repetition_penalty()) {
    result.repetition_penalty =
        checks->NumberInRange(absl::StrCat(field, ".repetition_penalty"),
                              settings.repetition_penalty(), 1.0f, kMaxRepetitionPenalty);
  }
  result.seed = SeedOf(settings);
  checks->CountInRange(absl::StrCat(field, ".stop"), settings.stop_size(), 0, kMaxStopStrings,
                       "strings");
  for (int i = 0; i < std::min(settings.stop_size(), kMaxStopStrings); ++i) {
    result.stop.push_back(checks->LengthInRange(absl::StrCat(field, ".stop[", i, "]"),
                                                settings.stop(i), 1, kMaxStopBytes));
  }
  return result;
}

std::vector<Turn> CheckTurns(const std::string& field,
                             const google::protobuf::RepeatedPtrField<v1::Turn>& turns,
                             FieldChecks* checks) {
  checks->CountInRange(field, turns.size(), 0, kMaxTurns, "turns");
  std::vector<Turn> result;
  if (turns.size() > kMaxTurns) return result;
  v1::Role expected = v1::ROLE_USER;
  for (int i = 0; i < turns.size(); ++i) {
    const v1::Turn& turn = turns[i];
    const std::string name = absl::StrCat(field, "[", i, "]");
    const bool leads = i == 0 && turn.role() == v1::ROLE_SYSTEM;
    if (!leads && turn.role() != expected) {
      checks->Add(absl::StrCat(name, ".role"), absl::StrCat("expected ", v1::Role_Name(expected),
                                                            ", got ", RoleName(turn.role())));
    }
    if (!leads) expected = expected == v1::ROLE_USER ? v1::ROLE_ASSISTANT : v1::ROLE_USER;
    result.push_back(
        {ToRole(turn.role()).value_or(Turn::Role::kUser),
         checks->LengthInRange(absl::StrCat(name, ".text"), turn.text(), 1, kMaxTurnBytes)});
  }
  if (expected == v1::ROLE_ASSISTANT) {
    checks->Add(field, "expected the last turn to be ROLE_ASSISTANT, got ROLE_USER");
  }
  return result;
}

Priority CheckScheduling(const std::string& field, const v1::SchedulingSettings& settings,
                         FieldChecks* checks) {
  switch (settings.priority()) {
    case v1::PRIORITY_HIGH:
      return Priority::kHigh;
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_NORMAL:
      return Priority::kNormal;
    case v1::PRIORITY_LOW:
      return Priority::kLow;
    default:
      checks->Add(absl::StrCat(field, ".priority"),
                  absl::StrCat("expected PRIORITY_HIGH, PRIORITY_NORMAL or PRIORITY_LOW, got ",
                               static_cast<int>(settings.priority())));
      return Priority::kNormal;
  }
}

}  // namespace mrmllm
