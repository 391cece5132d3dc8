// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/conversion.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/words/class_words.h"
#include "server/rpc/reply/grounding.h"

namespace mrmllm {
namespace {

// Leaves the field absent for a stage that did not run.
template <typename SetField>
void SetDuration(absl::Duration duration, SetField mutable_field) {
  if (duration <= absl::ZeroDuration()) return;
  const int64_t seconds = absl::ToInt64Seconds(duration);
  google::protobuf::Duration* field = mutable_field();
  field->set_seconds(seconds);
  field->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
}

std::vector<std::vector<Detection>> ReportedOfAll(const Outcome& outcome, const EngineInfo& info) {
  std::vector<std::vector<Detection>> reported;
  reported.reserve(outcome.images.size());
  for (const Outcome::SeenImage& image : outcome.images) {
    reported.push_back(ReportedDetections(*image.perception, outcome.settings, info));
  }
  return reported;
}

void SetBox(const NormalizedBox& box, v1::NormalizedBox* out) {
  out->set_x_min(box.x_min);
  out->set_y_min(box.y_min);
  out->set_x_max(box.x_max);
  out->set_y_max(box.y_max);
}

void SetDetection(const Detection& detection, int id, v1::Detection* out) {
  out->set_id(id);
  SetBox(detection.box, out->mutable_box());
  out->set_label(detection.label);
  out->set_score(detection.score);
  out->set_sure(detection.sure);
  out->set_from_second_look(detection.from_second_look);
  if (!detection.finer_label.empty()) {
    out->mutable_finer_name()->set_label(detection.finer_label);
    out->mutable_finer_name()->set_score(detection.finer_score);
  }
  if (!detection.color.empty()) {
    out->mutable_color()->set_label(detection.color);
    out->mutable_color()->set_score(detection.color_score);
  }
}

void SetSecondLook(const Perception& perception, v1::SecondLook* out) {
  for (const NormalizedBox& region : perception.second_look) SetBox(region, out->add_regions());
  out->set_added_count(perception.added_count);
  out->set_changed_count(perception.changed_count);
}

bool SameObject(const Detection& a, const Detection& b) {
  return a.box == b.box && a.class_id == b.class_id && a.score == b.score && a.label == b.label;
}

// What an answer about these images can be held against: all that the prompt may have told of, and
// which of it the reply shows.
std::vector<SeenObjects> SeenInAll(const Outcome& outcome, const EngineInfo& info,
                                   const std::vector<std::vector<Detection>>& reported) {
  std::vector<SeenObjects> seen(reported.size());
  for (size_t i = 0; i < reported.size(); ++i) {
    size_t next = 0;  // the reported ones are some of them, in the same order
    for (const Detection& detection : outcome.images[i].perception->detections) {
      const bool shown = next < reported[i].size() && SameObject(reported[i][next], detection);
      const int id = shown ? static_cast<int>(next++) : -1;
      if (detection.score >= info.unsure_threshold) seen[i].push_back({&detection, id});
    }
  }
  return seen;
}

v1::ConflictKind ToConflictKind(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kCount:
      return v1::CONFLICT_KIND_COUNT;
    case ConflictKind::kAbsent:
      return v1::CONFLICT_KIND_ABSENT;
    case ConflictKind::kPresent:
      return v1::CONFLICT_KIND_PRESENT;
    case ConflictKind::kPlace:
      return v1::CONFLICT_KIND_PLACE;
    case ConflictKind::kColor:
      return v1::CONFLICT_KIND_COLOR;
  }
  return v1::CONFLICT_KIND_UNSPECIFIED;
}

void SetAgreement(const Agreement& agreement, const std::string& answer, v1::Agreement* out) {
  out->set_score(agreement.score);
  out->set_claim_count(agreement.claim_count);
  for (const Conflict& conflict : agreement.conflicts) {
    v1::Conflict* one = out->add_conflicts();
    one->set_kind(ToConflictKind(conflict.kind));
    one->set_start_byte(conflict.start_byte);
    one->set_end_byte(conflict.end_byte);
    one->set_text(answer.substr(conflict.start_byte, conflict.end_byte - conflict.start_byte));
    one->set_image_index(conflict.image_index);
    one->set_label(conflict.label);
    one->set_claimed_count(conflict.claimed_count);
    one->set_found_count(conflict.found_count);
    one->mutable_detection_ids()->Add(conflict.detection_ids.begin(), conflict.detection_ids.end());
  }
}

void SetGrounding(const Grounding& place, const std::string& answer, v1::GroundedSpan* out) {
  out->set_start_byte(place.start_byte);
  out->set_end_byte(place.end_byte);
  out->set_text(answer.substr(place.start_byte, place.end_byte - place.start_byte));
  out->set_image_index(place.image_index);
  out->mutable_detection_ids()->Add(place.detection_ids.begin(), place.detection_ids.end());
}

}  // namespace

std::vector<Detection> ReportedDetections(const Perception& perception,
                                          const PerceptionSettings& settings,
                                          const EngineInfo& info) {
  const float threshold = settings.score_threshold.value_or(info.sure_threshold);
  const auto& classes = settings.classes;
  std::vector<Detection> reported;
  for (const Detection& detection : perception.detections) {
    if (static_cast<int>(reported.size()) == settings.max_objects) break;
    if (detection.score < threshold) continue;
    if (!classes.empty() && std::ranges::find(classes, detection.label) == classes.end()) continue;
    reported.push_back(detection);
  }
  return reported;
}

v1::ImageReference ToImageReference(const Outcome::SeenImage& image) {
  v1::ImageReference out;
  out.set_image_id(image.image_id);
  out.set_width(image.perception->width);
  out.set_height(image.perception->height);
  out.set_cached(image.cached);
  return out;
}

v1::ImageDetections ToImageDetections(const Outcome::SeenImage& image,
                                      const std::vector<Detection>& reported) {
  v1::ImageDetections out;
  *out.mutable_image() = ToImageReference(image);
  for (size_t i = 0; i < reported.size(); ++i) {
    SetDetection(reported[i], static_cast<int>(i), out.add_detections());
  }
  if (!image.perception->second_look.empty()) {
    SetSecondLook(*image.perception, out.mutable_second_look());
  }
  return out;
}

v1::TokenUsage ToTokenUsage(const TokenUsage& usage) {
  v1::TokenUsage out;
  out.set_prompt_token_count(usage.prompt_tokens);
  out.set_perception_token_count(usage.perception_tokens);
  out.set_answer_token_count(usage.answer_tokens);
  out.set_cached_token_count(usage.cached_tokens);
  return out;
}

v1::FinishReason ToFinishReason(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return v1::FINISH_REASON_STOP;
    case FinishReason::kLength:
      return v1::FINISH_REASON_LENGTH;
    case FinishReason::kNone:
      return v1::FINISH_REASON_UNSPECIFIED;
  }
  return v1::FINISH_REASON_UNSPECIFIED;
}

v1::Timings ToTimings(const Outcome& outcome) {
  v1::Timings out;
  const ExecutionTimings& ran = outcome.result.timings;
  SetDuration(outcome.image_decode, [&out] { return out.mutable_image_decode(); });
  SetDuration(ran.perceive_queue, [&out] { return out.mutable_perceive_queue(); });
  SetDuration(ran.perceive, [&out] { return out.mutable_perceive(); });
  SetDuration(ran.look_again, [&out] { return out.mutable_look_again(); });
  SetDuration(ran.prefill_queue, [&out] { return out.mutable_prefill_queue(); });
  SetDuration(ran.prefill, [&out] { return out.mutable_prefill(); });
  SetDuration(ran.decode, [&out] { return out.mutable_decode(); });
  SetDuration(ran.time_to_first_token, [&out] { return out.mutable_time_to_first_token(); });
  SetDuration(outcome.total, [&out] { return out.mutable_total(); });
  return out;
}

v1::ModelVersion ToModelVersion(const EngineInfo& info) {
  v1::ModelVersion out;
  out.set_name(info.model_name);
  out.set_version(info.model_version);
  return out;
}

void FillPerceptionEvent(const Outcome& outcome, const EngineInfo& info, v1::PerceptionEvent* out) {
  const auto reported = ReportedOfAll(outcome, info);
  for (size_t i = 0; i < reported.size(); ++i) {
    *out->add_images() = ToImageDetections(outcome.images[i], reported[i]);
  }
}

void FillDetectResponse(const Outcome& outcome, const EngineInfo& info, v1::DetectResponse* out) {
  const auto reported = ReportedOfAll(outcome, info);
  for (size_t i = 0; i < reported.size(); ++i) {
    *out->add_images() = ToImageDetections(outcome.images[i], reported[i]);
  }
  *out->mutable_timings() = ToTimings(outcome);
  *out->mutable_model() = ToModelVersion(info);
}

void FillAskResponse(const Outcome& outcome, const EngineInfo& info, v1::AskResponse* out) {
  out->set_answer(outcome.result.answer);
  out->set_finish_reason(ToFinishReason(outcome.result.finish));
  for (const Outcome::SeenImage& image : outcome.images) {
    *out->add_images() = ToImageReference(image);
  }
  *out->mutable_usage() = ToTokenUsage(outcome.result.usage);
  *out->mutable_timings() = ToTimings(outcome);
  *out->mutable_model() = ToModelVersion(info);
}

Agreement FillPerceiveAndAnswerResponse(const Outcome& outcome, const EngineInfo& info,
                                        v1::PerceiveAndAnswerResponse* out) {
  const auto reported = ReportedOfAll(outcome, info);
  for (size_t i = 0; i < reported.size(); ++i) {
    *out->add_images() = ToImageDetections(outcome.images[i], reported[i]);
  }
  const std::string& answer = outcome.result.answer;
  out->set_answer(answer);
  out->set_finish_reason(ToFinishReason(outcome.result.finish));
  const ClassWords class_words(info.labels);
  for (const Grounding& place : GroundAnswer(answer, class_words, reported)) {
    SetGrounding(place, answer, out->add_grounding());
  }
  Agreement agreement = CheckAgreement(answer, class_words, SeenInAll(outcome, info, reported));
  SetAgreement(agreement, answer, out->mutable_agreement());
  out->set_degradation(outcome.result.degraded ? v1::DEGRADATION_ANSWER_SKIPPED
                                               : v1::DEGRADATION_NONE);
  *out->mutable_usage() = ToTokenUsage(outcome.result.usage);
  *out->mutable_timings() = ToTimings(outcome);
  *out->mutable_model() = ToModelVersion(info);
  return agreement;
}

}  // namespace mrmllm
