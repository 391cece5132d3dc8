// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_ATTRIBUTE_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_ATTRIBUTE_FACTS_H_

#include <string>

#include "model/prompt/facts/scene_objects.h"

namespace mrmllm {

// A person's box has the color of clothes and surroundings.
bool HasColorOfItsOwn(const ClassMeaning& asked);

// "The color of the car cannot be told."
std::string UnknownColorFact(size_t count, const ClassMeaning& asked, const FactScene& scene);

// The colors of what is sure:
//
//   The car is red.                              Yes, the car is red.
//   Of the 3 cars, 2 are red and 1 is blue.      No, the car is blue.
//   The color of the car cannot be told.         Yes, 1 of the 3 cars is blue.
//
// `asked_color`: the color that a question for a yes or a no names, else empty. Empty when nothing
// is sure.
std::string ColorFact(const ClassMeaning& asked, const FactScene& scene,
                      const std::string& asked_color);

// "The dog is a golden retriever."; empty when no object of the asked classes has a finer name.
std::string FinerNameFact(const ClassMeaning& asked, const FactScene& scene);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_ATTRIBUTE_FACTS_H_
