// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_PLACE_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_PLACE_FACTS_H_

#include <string>

#include "model/prompt/facts/scene_objects.h"
#include "model/prompt/question/asked_question.h"

namespace mrmllm {

// "on the left", "in the top left", "in the center".
std::string PlacePhrase(const NormalizedBox& box);

// "The dog is on the left of the image.", "There are 2 dogs in the image: on the left and in the
// center."; empty when nothing is sure.
std::string PlaceFact(const ClassMeaning& asked, const FactScene& scene);

// What of a class is in a part of the image:
//
//   There are 2 dogs on the left of the image.     No, the dog is on the right of the image.
//   Yes, 1 of the 2 dogs is on the left of the image.
std::string RegionFact(const ClassMeaning& asked, const AskedQuestion& question,
                       const FactScene& scene);

// What is in a part of the image, if no class is named: "There are 2 people and 1 chair on the left
// of the image."
std::string RegionListFact(const AskedQuestion& question, const FactScene& scene);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_PLACE_FACTS_H_
