// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_
#define MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_

#include <string_view>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "base/words/class_words.h"

namespace mrmllm {

// A place in an answer that names detected objects of one image.
struct Grounding {
  int start_byte = 0;
  int end_byte = 0;  // one past the last
  int image_index = 0;
  std::vector<int> detection_ids;  // positions in that image's detections, rising

  bool operator==(const Grounding&) const = default;
};

// Finds every place in `answer` that names detected objects: by class, synonym or a word for
// several classes ("animals"), in either number, or by finer name; as whole words, upper or lower
// case alike. Of names that overlap the longest wins ("hot dog" before "dog"). A number before the
// noun takes as many, best score first: "two dogs" names the two surest. What the answer denies
// ("no dog") names nothing.
//
// `images[i]` are the detections reported for image i, best score first. A place that names objects
// of several images gives one entry an image, or one alone where the answer says which ("in image
// 2"). In the order of the text, then of the images. Errors: none; any bytes may come.
std::vector<Grounding> GroundAnswer(std::string_view answer, const ClassWords& class_words,
                                    absl::Span<const std::vector<Detection>> images);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_GROUNDING_H_
