// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_OUTCOME_H_
#define MRMLLM_SERVER_RPC_REPLY_OUTCOME_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "base/perception_settings.h"
#include "server/engine.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// What a request has come to, so far: all that a reply is made of.
struct Outcome {
  struct SeenImage {
    std::string image_id;                          // empty when the feature cache is off
    bool cached = false;                           // `perception` came from the feature cache
    std::shared_ptr<const Perception> perception;  // null until perceived
  };
  std::vector<SeenImage> images;  // in the request's order
  PerceptionSettings settings;    // which detections the reply shows
  RequestResult result;           // filled at the end
  absl::Duration image_decode;    // hand-over to the decode pool until all images are ready
  absl::Duration total;           // arrival to end; zero until then
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_OUTCOME_H_
