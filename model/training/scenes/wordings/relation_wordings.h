// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_RELATION_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_RELATION_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions about two objects are put; placeholders: see presence_wordings.h. {rel}: "to the
// left of"; {cmp}: "bigger"; {sup}: "biggest".

inline constexpr std::string_view kRelationYesNoWordings[] = {
    "Is {the} {rel} {the2}?",
    "Is {the} {rel} {the2} in the {img}?",
    "Is {the} located {rel} {the2}?",
    "Is {the} placed {rel} {the2}?",
    "In this {img}, is {the} {rel} {the2}?",
    "Do you see {the} {rel} {the2}?",
    "Does the {img} show {the} {rel} {the2}?",
    "Can you tell me whether {the} is {rel} {the2}?",
    "Please check if {the} is {rel} {the2}.",
    "Would you say that {the} is {rel} {the2}?",
    "Is it true that {the} is {rel} {the2}?",
    "Is there {a} {rel} {the2}?",
    "Are there any {ns} {rel} {the2}?",
    "Is {a} visible {rel} {the2}?",
};

inline constexpr std::string_view kRelationWhereWordings[] = {
    "Where is {the} relative to {the2}?",
    "Where is {the} in relation to {the2}?",
    "Where is {the} compared to {the2}?",
    "Where is {the} with respect to {the2}?",
    "Is {the} to the left or to the right of {the2}?",
    "Is {the} left or right of {the2}?",
    "Is {the} above or below {the2}?",
    "On which side of {the2} is {the}?",
    "Which side of {the2} is {the} on?",
    "What is the position of {the} relative to {the2}?",
    "What is the location of {the} in relation to {the2}?",
    "Tell me where {the} is relative to {the2}.",
    "Can you say where {the} is compared to {the2}?",
    "Describe the position of {the} relative to {the2}.",
    "Which is further to the left, {the} or {the2}?",
    "Which is higher up in the {img}, {the} or {the2}?",
    "Which is closer to the top, {the} or {the2}?",
};

inline constexpr std::string_view kRelationListWordings[] = {
    "What is {rel} {the}?",
    "What is {rel} {the} in the {img}?",
    "What do you see {rel} {the}?",
    "What can be seen {rel} {the}?",
    "Which objects are {rel} {the}?",
    "What is there {rel} {the}?",
    "What objects are {rel} {the} in this {img}?",
    "Is there anything {rel} {the}?",
    "Tell me what is {rel} {the}.",
    "List everything {rel} {the}.",
    "Name the things {rel} {the}.",
    "Can you tell me what is {rel} {the}?",
};

inline constexpr std::string_view kRelationCountWordings[] = {
    "How many {ns} are {rel} {the2}?",
    "How many {ns} do you see {rel} {the2}?",
    "Count the {ns} {rel} {the2}.",
    "What is the number of {ns} {rel} {the2}?",
    "How many {ns} can be seen {rel} {the2}?",
};

inline constexpr std::string_view kSizeWhichWordings[] = {
    "Which is {cmp}, {the} or {the2}?",
    "Which one is {cmp}, {the} or {the2}?",
    "What is {cmp}, {the} or {the2}?",
    "Which looks {cmp} in the {img}, {the} or {the2}?",
    "Is {the} or {the2} {cmp}?",
    "Which of the two is {cmp}, {the} or {the2}?",
    "Of {the} and {the2}, which is {cmp}?",
    "Between {the} and {the2}, which one is {cmp}?",
    "Can you tell me which is {cmp}, {the} or {the2}?",
    "Compare {the} and {the2}: which is {cmp}?",
    "In this {img}, which is {cmp}: {the} or {the2}?",
    "Tell me which is {cmp}, {the} or {the2}.",
};

inline constexpr std::string_view kSizeYesNoWordings[] = {
    "Is {the} {cmp} than {the2}?",
    "Is {the} {cmp} than {the2} in the {img}?",
    "Does {the} look {cmp} than {the2}?",
    "In this {img}, is {the} {cmp} than {the2}?",
    "Would you say {the} is {cmp} than {the2}?",
    "Can you tell me whether {the} is {cmp} than {the2}?",
    "Is it true that {the} is {cmp} than {the2}?",
    "Does {the} appear {cmp} than {the2}?",
    "Please tell me if {the} is {cmp} than {the2}.",
};

inline constexpr std::string_view kLargestWordings[] = {
    "What is the {sup} object in the {img}?",
    "What is the {sup} thing in this {img}?",
    "Which object is the {sup}?",
    "Which object in the {img} is the {sup}?",
    "Name the {sup} object.",
    "Tell me the {sup} object in this {img}.",
    "What is the {sup} thing you see?",
    "Of all the objects here, which is the {sup}?",
};

// Of a class.
inline constexpr std::string_view kLargestOfClassWordings[] = {
    "Which {n} is the {sup}?",
    "Where is the {sup} {n}?",
    "Which of the {ns} is the {sup}?",
    "Which {n} in the {img} is the {sup}?",
    "What is the {sup} {n} in the {img}?",
    "Tell me which {n} is the {sup}.",
};

inline constexpr std::string_view kAmountWordings[] = {
    "How big is {the}?",        "How large is {the} in the {img}?",
    "How big does {the} look?", "What size is {the}?",
    "How large is {the}?",      "Tell me how big {the} is in this {img}.",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_RELATION_WORDINGS_H_
