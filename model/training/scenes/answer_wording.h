// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_ANSWER_WORDING_H_
#define MRMLLM_MODEL_TRAINING_SCENES_ANSWER_WORDING_H_

#include <string>
#include <vector>

namespace mrmllm {

// How several facts make one answer to a yes-no question.
enum class Verdict {
  kNone,  // no yes and no
  kAny,   // one Yes is enough: "a dog or a cat", two images
  kAll,   // each must be: "a dog and a cat"
};

// The answer that a good speaker makes of facts (model/prompt/facts): one sentence that says no
// more.
//
//   Yes, there is 1 dog in the image.           -> Yes, there is a dog in the image.
//   There may be a cat in the image.            -> There may be a cat in the image, but I am not
//   sure. The weather cannot be told from the image.  -> I cannot tell the weather from the image.
//   Yes, there is 1 dog in image 1. No, there is no dog in image 2.
//     -> Yes, there is a dog in image 1, but there is no dog in image 2.
//
// `facts`: at least one; what follows a fact that something cannot be told is left out.
std::string WordAnswer(const std::vector<std::string>& facts, Verdict verdict);

// "I cannot tell the weather from the image."
std::string CannotTell(const std::string& what);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_ANSWER_WORDING_H_
