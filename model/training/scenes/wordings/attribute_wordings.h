// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_ATTRIBUTE_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_ATTRIBUTE_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions for colors and finer names are put; placeholders: see presence_wordings.h.

inline constexpr std::string_view kColorWordings[] = {
    "What color is {the}?",
    "What color is {the} in the {img}?",
    "What colour is {the}?",
    "Which color is {the}?",
    "Which colour does {the} have?",
    "What color does {the} have?",
    "What is the color of {the}?",
    "What is the colour of {the} in this {img}?",
    "What color are {the_s}?",
    "What are the colors of {the_s}?",
    "Tell me the color of {the}.",
    "Can you tell me what color {the} is?",
    "Name the color of {the}.",
    "Could you describe the color of {the}?",
    "I would like to know the color of {the}.",
    "In this {img}, what color is {the}?",
    "Do you know what color {the} is?",
};

inline constexpr std::string_view kColorYesNoWordings[] = {
    "Is {the} {color}?",
    "Is {the} {color} in this {img}?",
    "Is {the} in the {img} {color}?",
    "Are {the_s} {color}?",
    "In the {img}, is {the} {color}?",
    "Would you say {the} is {color}?",
    "Can you tell me whether {the} is {color}?",
    "Is the color of {the} {color}?",
    "Please tell me if {the} is {color}.",
};

inline constexpr std::string_view kFinerNameWordings[] = {
    "What kind of {n} is it?",
    "What kind of {n} is this?",
    "What kind of {n} is in the {img}?",
    "What type of {n} do you see?",
    "What type of {n} is that in the {img}?",
    "What sort of {n} is it?",
    "What sort of {n} is shown?",
    "Which kind of {n} is in this {img}?",
    "Which type of {n} is it?",
    "Can you tell me what kind of {n} this is?",
    "Tell me the kind of {n} in the {img}, what kind is it?",
    "What kind of {n} does the {img} show?",
    "Do you know what type of {n} this is?",
    "What more exactly is {the}?",
    "Can you be more specific about {the}?",
};

// Of animals.
inline constexpr std::string_view kBreedWordings[] = {
    "What breed is {the}?",
    "What breed of {n} is it?",
    "Which breed is {the} in the {img}?",
    "What breed of {n} do you see?",
    "What species is {the}?",
    "What species of {n} is in the {img}?",
    "Can you tell me the breed of {the}, which breed is it?",
    "Which species does {the} belong to?",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_ATTRIBUTE_WORDINGS_H_
