// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_SCENE_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_SCENE_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions about the whole image are put, and follow-ups; placeholders: see
// presence_wordings.h.

inline constexpr std::string_view kListingWordings[] = {
    "What is in the {img}?",
    "What is in this {img}?",
    "What do you see?",
    "What do you see in the {img}?",
    "What can you see here?",
    "What can be seen in this {img}?",
    "What does the {img} show?",
    "What is shown here?",
    "What objects are in the {img}?",
    "Which objects do you see?",
    "What things are visible?",
    "What objects are there?",
    "List the objects in the {img}.",
    "List all the objects you see.",
    "List everything in this {img}.",
    "Name the objects in the {img}.",
    "Name everything that you see.",
    "Describe the {img}.",
    "Describe this {img} in one sentence.",
    "Describe what you see.",
    "Give me a short description of the {img}.",
    "Summarize the {img}.",
    "Tell me what is in the {img}.",
    "Tell me about this {img}.",
    "Please describe the {img}.",
    "Can you describe this {img} for me?",
    "Could you tell me what you see?",
    "What is this a {img} of?",
    "What is visible in the {img}?",
    "Write a caption for this {img}.",
    "Which things can be seen?",
    "Give me a list of the objects here.",
    "What is depicted?",
};

// Of a group: {ns} "animals".
inline constexpr std::string_view kGroupListingWordings[] = {
    "What {ns} are in the {img}?",          "Which {ns} do you see?",
    "What {ns} can you see in the {img}?",  "Which {ns} are in this {img}?",
    "List the {ns} in the {img}.",          "Name the {ns} in this {img}.",
    "Which {ns} does the {img} show?",      "What {ns} are there?",
    "Tell me which {ns} are in the {img}.",
};

// After a question for presence or number, about another class.
inline constexpr std::string_view kFollowUpWordings[] = {
    "And {ns}?",       "What about {ns}?", "And what about {ns}?",
    "How about {ns}?", "And {a}?",         "And the {ns}?",
};

// After an answer that spoke of {ns}.
inline constexpr std::string_view kHowManyFollowUpWordings[] = {
    "How many are there?",     "How many of them are there?",   "How many do you see?",
    "And how many are there?", "How many of them can you see?", "Can you count them?",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_SCENE_WORDINGS_H_
