// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_
#define MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"

namespace mrmllm {

// A place in an answer that names detected objects of one image.
struct Grounding {
  int start_byte = 0;
  int end_byte = 0;  // one past the last
  int image_index = 0;
  std::vector<int> detection_ids;  // positions in that image's detections, rising

  bool operator==(const Grounding&) const = default;
};

// Finds every place in `answer` that names a detected object, by its label or its finer name, as
// whole words in either number ("dog", "Dogs", "people"), upper or lower case alike. Of names that
// overlap the longest wins ("wine glass" before "glass"). `images[i]` are the detections reported
// for image i. A place that names objects of several images gives one entry an image. In the order
// of the text, then of the images.
std::vector<Grounding> GroundAnswer(std::string_view answer,
                                    absl::Span<const std::vector<Detection>> images);

// The plural of an English noun in lower case, by its last word: "wine glass" -> "wine glasses".
std::string PluralOf(std::string_view noun);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_
