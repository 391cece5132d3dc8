// SPDX-License-Identifier: Apache-2.0
#include "client/output/json_output.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "client/output/text_output.h"
#include "nlohmann/json.hpp"

namespace mrmllm {
namespace {

using Json = nlohmann::ordered_json;

// Floats carry no more than these digits, and print shorter.
double Digits(double value, int digits) {
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToJson(const v1::NormalizedBox& box) {
  return Json::array({Digits(box.x_min(), 5), Digits(box.y_min(), 5), Digits(box.x_max(), 5),
                      Digits(box.y_max(), 5)});
}

Json ToJson(const v1::Detection& detection) {
  Json json = {{"id", detection.id()},
               {"label", detection.label()},
               {"score", Digits(detection.score(), 4)},
               {"sure", detection.sure()},
               {"box", ToJson(detection.box())}};
  if (detection.has_finer_name()) {
    json["finer_label"] = detection.finer_name().label();
    json["finer_score"] = Digits(detection.finer_name().score(), 4);
  }
  if (detection.has_color()) {
    json["color"] = detection.color().label();
    json["color_score"] = Digits(detection.color().score(), 4);
  }
  if (detection.from_second_look()) json["from_second_look"] = true;
  return json;
}

void AddImage(const v1::ImageReference& image, Json* json) {
  (*json)["image_id"] = image.image_id();
  (*json)["width"] = image.width();
  (*json)["height"] = image.height();
  (*json)["cached"] = image.cached();
}

void AddDetections(const v1::ImageDetections& image, Json* json) {
  AddImage(image.image(), json);
  Json detections = Json::array();
  for (const v1::Detection& detection : image.detections()) detections.push_back(ToJson(detection));
  (*json)["detections"] = std::move(detections);
  if (image.has_second_look()) {
    const v1::SecondLook& look = image.second_look();
    Json regions = Json::array();
    for (const v1::NormalizedBox& region : look.regions()) regions.push_back(ToJson(region));
    (*json)["second_look"] = {{"regions", std::move(regions)},
                              {"added", look.added_count()},
                              {"changed", look.changed_count()}};
  }
}

Json ToJson(const v1::Timings& timings) {
  Json json = Json::object();
  const auto add = [&](const char* name, bool present, const google::protobuf::Duration& duration) {
    if (present) json[name] = Digits(Milliseconds(true, duration), 3);
  };
  add("image_decode", timings.has_image_decode(), timings.image_decode());
  add("perceive_queue", timings.has_perceive_queue(), timings.perceive_queue());
  add("perceive", timings.has_perceive(), timings.perceive());
  add("look_again", timings.has_look_again(), timings.look_again());
  add("prefill_queue", timings.has_prefill_queue(), timings.prefill_queue());
  add("prefill", timings.has_prefill(), timings.prefill());
  add("decode", timings.has_decode(), timings.decode());
  add("time_to_first_token", timings.has_time_to_first_token(), timings.time_to_first_token());
  add("total", timings.has_total(), timings.total());
  return json;
}

// What every reply ends with.
template <typename Response>
void AddEnd(const Response& response, Json* json) {
  (*json)["timings_ms"] = ToJson(response.timings());
  (*json)["model"] = response.model().name();
  (*json)["model_version"] = response.model().version();
}

const char* NameOf(v1::FinishReason reason) {
  switch (reason) {
    case v1::FINISH_REASON_STOP:
      return "stop";
    case v1::FINISH_REASON_LENGTH:
      return "length";
    default:
      return "unspecified";
  }
}

const char* NameOf(v1::Degradation degradation) {
  switch (degradation) {
    case v1::DEGRADATION_NONE:
      return "none";
    case v1::DEGRADATION_ANSWER_SKIPPED:
      return "answer_skipped";
    default:
      return "unspecified";
  }
}

// The part that Ask and PerceiveAndAnswer have in common.
template <typename Response>
void AddAnswer(const std::string& question, const Response& response, Json* json) {
  (*json)["question"] = question;
  (*json)["answer"] = response.answer();
  (*json)["finish_reason"] = NameOf(response.finish_reason());
}

Json ToJson(const v1::TokenUsage& usage) {
  return {{"prompt_tokens", usage.prompt_token_count()},
          {"perception_tokens", usage.perception_token_count()},
          {"answer_tokens", usage.answer_token_count()},
          {"cached_tokens", usage.cached_token_count()}};
}

Json IdsOf(const google::protobuf::RepeatedField<int32_t>& ids) {
  Json json = Json::array();
  for (const int id : ids) json.push_back(id);
  return json;
}

Json ToJson(const v1::GroundedSpan& span) {
  return {{"text", span.text()},
          {"start_byte", span.start_byte()},
          {"end_byte", span.end_byte()},
          {"image_index", span.image_index()},
          {"detection_ids", IdsOf(span.detection_ids())}};
}

Json ToJson(const v1::Conflict& conflict) {
  const std::string kind = v1::ConflictKind_Name(conflict.kind());
  return {{"kind", absl::AsciiStrToLower(absl::StripPrefix(kind, "CONFLICT_KIND_"))},
          {"text", conflict.text()},
          {"start_byte", conflict.start_byte()},
          {"end_byte", conflict.end_byte()},
          {"image_index", conflict.image_index()},
          {"label", conflict.label()},
          {"claimed_count", conflict.claimed_count()},
          {"found_count", conflict.found_count()},
          {"detection_ids", IdsOf(conflict.detection_ids())}};
}

Json ToJson(const v1::Agreement& agreement) {
  Json conflicts = Json::array();
  for (const v1::Conflict& conflict : agreement.conflicts()) conflicts.push_back(ToJson(conflict));
  return {{"score", Digits(agreement.score(), 4)},
          {"claim_count", agreement.claim_count()},
          {"conflicts", std::move(conflicts)}};
}

Json ToJson(const absl::Status& status) {
  return {{"code", CodeName(status.code())}, {"message", std::string(status.message())}};
}

}  // namespace

std::string DetectJson(const std::string& file, const v1::DetectResponse& response) {
  Json json = {{"file", file}};
  if (response.images_size() > 0) AddDetections(response.images(0), &json);
  AddEnd(response, &json);
  return Line(json);
}

std::string AskJson(const std::vector<std::string>& files, const std::string& question,
                    const v1::AskResponse& response) {
  Json json = {{"files", files}};
  AddAnswer(question, response, &json);
  Json images = Json::array();
  for (const v1::ImageReference& reference : response.images()) {
    AddImage(reference, &images.emplace_back(Json::object()));
  }
  json["images"] = std::move(images);
  json["usage"] = ToJson(response.usage());
  AddEnd(response, &json);
  return Line(json);
}

std::string PerceiveJson(const std::vector<std::string>& files, const std::string& question,
                         const v1::PerceiveAndAnswerResponse& response) {
  Json json = {{"files", files}};
  AddAnswer(question, response, &json);
  Json images = Json::array();
  for (const v1::ImageDetections& image : response.images()) {
    AddDetections(image, &images.emplace_back(Json::object()));
  }
  json["images"] = std::move(images);
  Json grounding = Json::array();
  for (const v1::GroundedSpan& span : response.grounding()) grounding.push_back(ToJson(span));
  json["grounding"] = std::move(grounding);
  if (response.has_agreement()) json["agreement"] = ToJson(response.agreement());
  json["degradation"] = NameOf(response.degradation());
  json["usage"] = ToJson(response.usage());
  AddEnd(response, &json);
  return Line(json);
}

std::string StateName(v1::ModelState state) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::ModelState_Name(state), "MODEL_STATE_"));
}

std::string ModelJson(const v1::Model& model) {
  Json labels = Json::array();
  for (const std::string& label : model.labels()) labels.push_back(label);
  return Line({{"name", model.name()},
               {"version", model.version()},
               {"state", StateName(model.state())},
               {"active", model.active()},
               {"default", model.serves_by_default()},
               {"failure", model.failure()},
               {"device", model.device()},
               {"dtype", model.dtype()},
               {"context_tokens", model.context_token_count()},
               {"sure_threshold", Digits(model.sure_threshold(), 4)},
               {"labels", std::move(labels)}});
}

std::string ReleaseJson(int asked, int released) {
  return Line({{"image_ids", asked}, {"released", released}});
}

std::string HealthJson(const std::string& service, absl::string_view status) {
  return Line({{"service", service}, {"status", std::string(status)}});
}

std::string ErrorJson(const std::vector<std::string>& files, const absl::Status& status) {
  return Line({{"files", files}, {"error", ToJson(status)}});
}

std::string DetectErrorJson(const std::string& file, const absl::Status& status) {
  return Line({{"file", file}, {"error", ToJson(status)}});
}

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

}  // namespace mrmllm
