// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_PARSED_REQUEST_H_
#define MRMLLM_SERVER_RPC_REQUEST_PARSED_REQUEST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/perception_settings.h"
#include "server/engine.h"
#include "server/image_decoding/image_decoder.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// An encoded file, as it came.
struct EncodedImage {
  std::string_view bytes;
};

// The image_id of an earlier reply.
struct KnownImage {
  std::string image_id;
};

// Where one image of a request comes from. Encoded and raw pixels are views into the request's
// message, which must outlive it.
struct ImageSource {
  std::string field;  // its place in the request, for messages: "images[2]"
  std::variant<EncodedImage, RawPixels, KnownImage> from;
};

// A request whose fields are all valid. What its images hold is not known yet.
struct ParsedRequest {
  std::vector<ImageSource> images;
  PerceptionSettings perception;
  std::optional<AnswerInput> answer;  // absent: Detect. `images` in it are filled by the scheduler
  Priority priority = Priority::kNormal;
  bool may_degrade = false;  // the answer may be left out

  // Bytes of text that become prompt: the question and the turns.
  size_t text_bytes() const;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_PARSED_REQUEST_H_
