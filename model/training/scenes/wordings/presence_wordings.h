// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PRESENCE_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PRESENCE_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions for presence and number are put. Placeholders, as in every file of this folder: {n}
// "dog", {ns} "dogs", {a} "a dog", {the} "the dog"; {n2}, {ns2}, {a2}, {the2} of a second class;
// {img} "image", "picture", "photo" or the like.

inline constexpr std::string_view kExistenceWordings[] = {
    "Is there {a} in the {img}?",
    "Is there {a} in this {img}?",
    "Are there any {ns} in the {img}?",
    "Are there {ns} in this {img}?",
    "Do you see {a}?",
    "Do you see any {ns} in the {img}?",
    "Can you see {a} in the {img}?",
    "Can you see any {ns} here?",
    "Does the {img} show {a}?",
    "Does this {img} contain {a}?",
    "Does the {img} contain any {ns}?",
    "Does the {img} include {a}?",
    "Is {a} visible in the {img}?",
    "Is {a} visible?",
    "Are any {ns} visible?",
    "Is {a} present in this {img}?",
    "Is {a} shown in the {img}?",
    "Can {a} be seen in this {img}?",
    "Can you find {a} in the {img}?",
    "Could you tell me whether there is {a} in the {img}?",
    "Please check if there is {a} in this {img}.",
    "Tell me if you see {a} here.",
    "I wonder whether there are any {ns} in the {img}.",
    "I want to know if the {img} shows {a}.",
    "Is there at least one {n} in the {img}?",
    "Would you say there is {a} in this {img}?",
    "Any {ns} in the {img}?",
    "Any {ns} here?",
    "Has the {img} got {a} in it?",
    "Did you spot {a} in the {img}?",
    "{ns} in the {img}, yes or no?",
    "There is {a} in the {img}, right?",
    "Is it true that there is {a} in the {img}?",
    "Does {a} appear in the {img}?",
    "Look at the {img}. Is there {a}?",
    "Is there {a} somewhere in the {img}? Answer yes or no.",
    "Did the photographer catch {a} in this {img}?",
};

// With a color, {color}.
inline constexpr std::string_view kColoredExistenceWordings[] = {
    "Is there a {color} {n} in the {img}?",
    "Are there any {color} {ns} in the {img}?",
    "Do you see a {color} {n}?",
    "Does the {img} show a {color} {n}?",
    "Can you see a {color} {n} here?",
    "Is a {color} {n} visible?",
    "Does this {img} contain {color} {ns}?",
    "Please tell me whether there is a {color} {n} in the {img}.",
};

inline constexpr std::string_view kCountWordings[] = {
    "How many {ns} are there in the {img}?",
    "How many {ns} are in this {img}?",
    "How many {ns} are there?",
    "How many {ns} do you see?",
    "How many {ns} can you see in the {img}?",
    "How many {ns} can be seen?",
    "How many {ns} does the {img} show?",
    "How many {ns} does this {img} contain?",
    "How many {ns} are visible?",
    "How many {ns} appear in the {img}?",
    "How many {ns} can you count here?",
    "Count the {ns} in the {img}.",
    "Count the {ns}.",
    "Please count the {ns}.",
    "Could you count the {ns} in this {img} for me?",
    "What is the number of {ns} in the {img}?",
    "Tell me the number of {ns}.",
    "Give me the number of {ns} in this {img}.",
    "I need to know how many {ns} are in the {img}.",
    "Do you know how many {ns} there are in the {img}?",
    "Can you tell me how many {ns} are here?",
    "What is the count of {ns} in the {img}?",
    "What is the total number of {ns}?",
    "{ns}: how many?",
    "How many {ns}?",
    "How many of the objects are {ns}?",
    "Say how many {ns} you see.",
};

// With a color.
inline constexpr std::string_view kColoredCountWordings[] = {
    "How many {color} {ns} are there in the {img}?",
    "How many {color} {ns} do you see?",
    "Count the {color} {ns} in the {img}.",
    "What is the number of {color} {ns}?",
    "How many {ns} are {color} in the {img}?",
    "Can you tell me how many {color} {ns} are visible?",
};

// Both.
inline constexpr std::string_view kBothWordings[] = {
    "Are there {a} and {a2} in the {img}?",
    "Is there both {a} and {a2} in this {img}?",
    "Do you see {a} and {a2}?",
    "Does the {img} show {a} and {a2}?",
    "Can you see both {ns} and {ns2}?",
    "Does this {img} contain {a} as well as {a2}?",
    "Are both {a} and {a2} visible?",
};

// One of them or both.
inline constexpr std::string_view kEitherWordings[] = {
    "Is there {a} or {a2} in the {img}?",
    "Are there any {ns} or {ns2} in this {img}?",
    "Do you see {a} or {a2}?",
    "Does the {img} show {a} or {a2}?",
    "Can you see any {ns} or {ns2} here?",
    "Is {a} or {a2} visible in the {img}?",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_PRESENCE_WORDINGS_H_
