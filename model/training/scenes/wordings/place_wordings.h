// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PLACE_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PLACE_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions for places are put; placeholders: see presence_wordings.h. {region}: "on the left";
// {rel}: "to the left of".

inline constexpr std::string_view kPlaceWordings[] = {
    "Where is {the}?",
    "Where is {the} in the {img}?",
    "Where in the {img} is {the}?",
    "Where can I find {the} in this {img}?",
    "Where do you see {the}?",
    "Where are {the_s}?",
    "Where are {the_s} in the {img}?",
    "Where is {the} located?",
    "Where can {the} be seen?",
    "In which part of the {img} is {the}?",
    "On which side of the {img} is {the}?",
    "What is the position of {the} in the {img}?",
    "What is the location of {the}?",
    "Tell me where {the} is.",
    "Can you tell me where {the} is in the {img}?",
    "Please say where {the} is.",
    "Describe the position of {the}.",
    "Could you locate {the} in the {img}?",
    "Point out where {the} is.",
    "Which part of the {img} shows {the}?",
};

// Whether something is in a part of the image.
inline constexpr std::string_view kRegionYesNoWordings[] = {
    "Is {the} {region}?",
    "Is {the} {region} of the {img}?",
    "Is {the} {region} in this {img}?",
    "Is there {a} {region} of the {img}?",
    "Are there any {ns} {region} of the {img}?",
    "Do you see {a} {region}?",
    "Does the {img} show {a} {region}?",
    "Can you see {a} {region} of the {img}?",
    "Is {a} visible {region} of the {img}?",
    "Is {the} located {region} of the {img}?",
    "Please tell me if {the} is {region}.",
};

inline constexpr std::string_view kRegionCountWordings[] = {
    "How many {ns} are {region} of the {img}?",
    "How many {ns} do you see {region}?",
    "How many {ns} can be seen {region} of the {img}?",
    "Count the {ns} {region} of the {img}.",
    "What is the number of {ns} {region}?",
};

// What is in a part of the image.
inline constexpr std::string_view kRegionListWordings[] = {
    "What is {region} of the {img}?",
    "What is {region}?",
    "What do you see {region} of the {img}?",
    "What can be seen {region} of the {img}?",
    "What is there {region}?",
    "Which objects are {region} of the {img}?",
    "List what is {region} of the {img}.",
    "What objects do you see {region}?",
    "Tell me what is {region} of this {img}.",
    "Is there anything {region} of the {img}?",
    "Describe what is {region}.",
    "What does the {img} show {region}?",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PLACE_WORDINGS_H_
