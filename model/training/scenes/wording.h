// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDING_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDING_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/training/scenes/random.h"

namespace mrmllm {

// What the placeholders of a wording stand for: {"n", "dog"}.
using WordingFields = std::vector<std::pair<std::string, std::string>>;

// {n}, {ns}, {a}, {the} and {the_s} of a noun, each with `suffix` ("2" for a second noun).
WordingFields NounFields(const std::string& noun, const std::string& suffix = "");

// The wording with its placeholders filled and its first letter large; {img} becomes a word for an
// image.
std::string FillWording(std::string_view wording, const WordingFields& fields, Random& random);

// The question as people type it: mostly as it is, now and then with a greeting, in small letters,
// without its question mark, or with two letters of a common word exchanged.
std::string InEverydayStyle(std::string question, Random& random);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDING_H_
