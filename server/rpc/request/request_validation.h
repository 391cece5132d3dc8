// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_REQUEST_VALIDATION_H_
#define MRMLLM_SERVER_RPC_REQUEST_REQUEST_VALIDATION_H_

#include "absl/status/statusor.h"

#include "mrmllm/v1/mrmllm_service.pb.h"
#include "server/engine.h"
#include "server/rpc/request/parsed_request.h"

namespace mrmllm {

// The limits that the contract's comments name. Those of an image's content are ImageLimits.
inline constexpr int kMaxQuestionBytes = 8192;
inline constexpr int kMaxTurnBytes = 8192;
inline constexpr int kMaxTurns = 64;
inline constexpr int kMaxNewTokens = 2048;
inline constexpr int kDefaultNewTokens = 128;
inline constexpr float kMaxTemperature = 2;
inline constexpr int kMaxTopK = 65536;
inline constexpr float kMaxRepetitionPenalty = 2;
inline constexpr int kMaxStopStrings = 8;
inline constexpr int kMaxStopBytes = 64;
inline constexpr int kMaxObjects = 300;
inline constexpr int kDefaultObjects = 100;
inline constexpr int kMaxClasses = 300;
inline constexpr int kMaxCrops = 16;
inline constexpr int kMaxReleasedIds = 256;

// What validity depends on besides the contract.
struct ValidationRules {
  int max_images_per_request = 16;     // limits.max_images_per_request, >= 1
  const EngineInfo* engine = nullptr;  // never null; tells the known labels
  SecondLookSettings second_look;      // where a request does not say
};

// Each checks every field and returns the request in the server's own terms, defaults filled in.
// Views in the result point into `request`.
// Errors: INVALID_ARGUMENT that names every bad field (error_details.h).
absl::StatusOr<ParsedRequest> ParseDetect(const v1::DetectRequest& request,
                                          const ValidationRules& rules);
absl::StatusOr<ParsedRequest> ParseAsk(const v1::AskRequest& request, const ValidationRules& rules);
absl::StatusOr<ParsedRequest> ParsePerceiveAndAnswer(const v1::PerceiveAndAnswerRequest& request,
                                                     const ValidationRules& rules);

// The streaming twins: the inner message is required; fields are named with its prefix.
absl::StatusOr<ParsedRequest> ParseAskStream(const v1::AskStreamRequest& request,
                                             const ValidationRules& rules);
absl::StatusOr<ParsedRequest> ParsePerceiveAndAnswerStream(
    const v1::PerceiveAndAnswerStreamRequest& request, const ValidationRules& rules);

// What a frame of a DetectStream takes over from the frame before.
struct FrameSettings {
  PerceptionSettings perception{.max_objects = kDefaultObjects};
  Priority priority = Priority::kNormal;
};

// One frame of a DetectStream. `settings` are those of the frame before; they are replaced when the
// frame is valid and brings its own. Without a word about it there is no second look at a frame,
// whatever the rules say: the next frame is the better look.
absl::StatusOr<ParsedRequest> ParseFrame(const v1::DetectStreamRequest& request,
                                         const ValidationRules& rules, FrameSettings* settings);

absl::Status CheckReleaseImages(const v1::ReleaseImagesRequest& request);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_REQUEST_VALIDATION_H_
