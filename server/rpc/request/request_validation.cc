// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/request_validation.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/rpc/request/field_checks.h"

namespace mrmllm {
namespace {

std::vector<ImageSource> CheckImages(const google::protobuf::RepeatedPtrField<v1::Image>& images,
                                     int min_count, const ValidationRules& rules,
                                     FieldChecks* checks) {
  checks->CountInRange("images", images.size(), min_count, rules.max_images_per_request, "images");
  std::vector<ImageSource> sources;
  if (images.size() > rules.max_images_per_request) return sources;
  for (int i = 0; i < images.size(); ++i) {
    sources.push_back(CheckImage(absl::StrCat("images[", i, "]"), images[i], checks));
  }
  return sources;
}

// Where nothing is answered, or boxes and answer belong together, perception cannot be off.
void RequirePerception(const PerceptionSettings& settings, std::string_view advice,
                       FieldChecks* checks) {
  if (settings.enabled) return;
  checks->Add("perception.enabled",
              absl::StrCat("expected true or absent, got false", AbslView(advice)));
}

// AskRequest and PerceiveAndAnswerRequest have the same fields; they differ in how many images they
// need, and only the latter has something to reply with when the answer is left out.
template <typename Request>
absl::StatusOr<ParsedRequest> ParseQuestion(const Request& request, int min_images,
                                            bool needs_perception, const ValidationRules& rules,
                                            std::string prefix) {
  FieldChecks checks(std::move(prefix));
  ParsedRequest parsed;
  parsed.images = CheckImages(request.images(), min_images, rules, &checks);
  parsed.perception = CheckPerception("perception", request.perception(), rules, &checks);
  if (needs_perception) {
    RequirePerception(parsed.perception, ": Ask answers without looking for objects", &checks);
  }
  AnswerInput& answer = parsed.answer.emplace();
  answer.question = checks.LengthInRange("question", request.question(), 1, kMaxQuestionBytes);
  answer.turns = CheckTurns("turns", request.turns(), &checks);
  answer.generation = CheckGeneration("generation", request.generation(), &checks);
  answer.perception = parsed.perception;
  parsed.priority = CheckScheduling("scheduling", request.scheduling(), &checks);
  if constexpr (requires { request.allow_degraded(); }) {
    parsed.may_degrade = request.allow_degraded();
  }
  RETURN_IF_ERROR(checks.ToStatus());
  return parsed;
}

}  // namespace

size_t ParsedRequest::text_bytes() const {
  if (!answer.has_value()) return 0;
  size_t bytes = answer->question.size();
  for (const Turn& turn : answer->turns) bytes += turn.text.size();
  return bytes;
}

absl::StatusOr<ParsedRequest> ParseDetect(const v1::DetectRequest& request,
                                          const ValidationRules& rules) {
  FieldChecks checks;
  ParsedRequest parsed;
  parsed.images = CheckImages(request.images(), 1, rules, &checks);
  parsed.perception = CheckPerception("perception", request.perception(), rules, &checks);
  RequirePerception(parsed.perception, "", &checks);
  parsed.priority = CheckScheduling("scheduling", request.scheduling(), &checks);
  RETURN_IF_ERROR(checks.ToStatus());
  return parsed;
}

absl::StatusOr<ParsedRequest> ParseAsk(const v1::AskRequest& request,
                                       const ValidationRules& rules) {
  return ParseQuestion(request, 0, /*needs_perception=*/false, rules, "");
}

absl::StatusOr<ParsedRequest> ParsePerceiveAndAnswer(const v1::PerceiveAndAnswerRequest& request,
                                                     const ValidationRules& rules) {
  return ParseQuestion(request, 1, /*needs_perception=*/true, rules, "");
}

absl::StatusOr<ParsedRequest> ParseAskStream(const v1::AskStreamRequest& request,
                                             const ValidationRules& rules) {
  if (!request.has_ask()) return InvalidField("ask", "expected a message, got none");
  return ParseQuestion(request.ask(), 0, /*needs_perception=*/false, rules, "ask.");
}

absl::StatusOr<ParsedRequest> ParsePerceiveAndAnswerStream(
    const v1::PerceiveAndAnswerStreamRequest& request, const ValidationRules& rules) {
  if (!request.has_request()) return InvalidField("request", "expected a message, got none");
  return ParseQuestion(request.request(), 1, /*needs_perception=*/true, rules, "request.");
}

absl::StatusOr<ParsedRequest> ParseFrame(const v1::DetectStreamRequest& request,
                                         const ValidationRules& rules, FrameSettings* settings) {
  FieldChecks checks;
  ParsedRequest parsed;
  parsed.images.push_back(CheckImage("image", request.image(), &checks));
  parsed.perception = settings->perception;
  parsed.priority = settings->priority;
  if (request.has_perception()) {
    ValidationRules of_frames = rules;
    of_frames.second_look.mode = SecondLookMode::kOff;
    parsed.perception = CheckPerception("perception", request.perception(), of_frames, &checks);
    RequirePerception(parsed.perception, "", &checks);
  }
  if (request.has_scheduling()) {
    parsed.priority = CheckScheduling("scheduling", request.scheduling(), &checks);
  }
  RETURN_IF_ERROR(checks.ToStatus());
  *settings = {parsed.perception, parsed.priority};
  return parsed;
}

absl::Status CheckReleaseImages(const v1::ReleaseImagesRequest& request) {
  FieldChecks checks;
  checks.CountInRange("image_ids", request.image_ids_size(), 1, kMaxReleasedIds, "image_ids");
  return checks.ToStatus();
}

}  // namespace mrmllm
