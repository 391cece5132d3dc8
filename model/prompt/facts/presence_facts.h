// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_PRESENCE_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_PRESENCE_FACTS_H_

#include <string>

#include "model/prompt/facts/scene_objects.h"

namespace mrmllm {

// Whether something is there, and how many:
//
//   There are 2 dogs in the image.
//   There may be a cat in the image.                       (only unsure detections)
//   There are 3 animals in the image: 2 zebras and 1 dog.  (a hypernym)
//   There is 1 red car in the image.                       (a color is asked for)
//   The color of the car cannot be told.                   (and is not known)
//
// With `verdict` it begins with "Yes, " or "No, "; an unsure object is more likely there than not,
// so that is a Yes.
std::string PresenceFact(const ClassMeaning& asked, const FactScene& scene, bool verdict = false,
                         const std::string& color = "");

// For questions that take it for granted that something is there: what to say if nothing sure is,
// else empty. A verdict only where it is a No for certain.
std::string AbsenceFact(const ClassMeaning& asked, const FactScene& scene, bool verdict);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_PRESENCE_FACTS_H_
