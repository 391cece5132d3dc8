// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_CONVERSION_H_
#define MRMLLM_SERVER_RPC_REPLY_CONVERSION_H_

#include <vector>

#include "base/detection.h"
#include "base/perception_settings.h"
#include "mrmllm/v1/answer.pb.h"
#include "mrmllm/v1/detection.pb.h"
#include "mrmllm/v1/image.pb.h"
#include "mrmllm/v1/mrmllm_service.pb.h"
#include "mrmllm/v1/timings.pb.h"
#include "server/engine.h"
#include "server/rpc/reply/agreement.h"
#include "server/rpc/reply/outcome.h"

namespace mrmllm {

// Of what was seen, what a reply reports: at or above the threshold (the bundle's own when the
// settings name none), of the asked-for classes, the best max_objects, best score first.
std::vector<Detection> ReportedDetections(const Perception& perception,
                                          const PerceptionSettings& settings,
                                          const EngineInfo& info);

// The parts of replies.
v1::ImageDetections ToImageDetections(const Outcome::SeenImage& image,
                                      const std::vector<Detection>& reported);
v1::ImageReference ToImageReference(const Outcome::SeenImage& image);
v1::TokenUsage ToTokenUsage(const TokenUsage& usage);
v1::FinishReason ToFinishReason(FinishReason reason);
v1::Timings ToTimings(const Outcome& outcome);
v1::ModelVersion ToModelVersion(const EngineInfo& info);

// Whole replies, from the outcome of a request that ended well. The first needs the images only.
void FillPerceptionEvent(const Outcome& outcome, const EngineInfo& info, v1::PerceptionEvent* out);
void FillDetectResponse(const Outcome& outcome, const EngineInfo& info, v1::DetectResponse* out);
void FillAskResponse(const Outcome& outcome, const EngineInfo& info, v1::AskResponse* out);
// Returns how far the answer and the boxes agree, as the reply tells it.
Agreement FillPerceiveAndAnswerResponse(const Outcome& outcome, const EngineInfo& info,
                                        v1::PerceiveAndAnswerResponse* out);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_CONVERSION_H_
