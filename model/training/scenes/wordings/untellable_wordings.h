// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_WORDINGS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_WORDINGS_H_

#include <string_view>

namespace mrmllm {

// How questions are put that detections do not answer; placeholders: see presence_wordings.h.
// {action}: "holding"; {property}: "wet"; {thing}: something that no detector class is.

// What is being done; the answer names the action.
inline constexpr std::string_view kActionWordings[] = {
    "What is {the} {action}?",
    "What is {the} in the {img} {action}?",
    "What are {the_s} {action}?",
    "Can you tell me what {the} is {action}?",
    "Do you know what {the} is {action}?",
    "Tell me what {the} is {action}.",
    "What do you think {the} is {action}?",
    "What might {the} be {action}?",
};

inline constexpr std::string_view kActions[] = {
    "doing",       "holding", "looking at",   "eating",   "thinking",
    "feeling",     "wearing", "watching",     "carrying", "playing with",
    "waiting for", "saying",  "reaching for", "drinking", "talking about",
};

// Whether it is done.
inline constexpr std::string_view kActionYesNoWordings[] = {
    "Is {the} {action}?",
    "Is {the} in the {img} {action}?",
    "Can you tell whether {the} is {action}?",
    "Are {the_s} {action}?",
    "Does it look as if {the} is {action}?",
};

inline constexpr std::string_view kStates[] = {
    "sleeping", "running", "smiling", "moving",  "eating",   "jumping", "laughing", "waiting",
    "playing",  "dancing", "walking", "resting", "swimming", "barking", "crying",
};

// Whether it has a property.
inline constexpr std::string_view kPropertyWordings[] = {
    "Is {the} {property}?",
    "Is {the} in the {img} {property}?",
    "Would you say {the} is {property}?",
    "Does {the} look {property}?",
    "Are {the_s} {property}?",
    "Is {the} {property} or not?",
};

inline constexpr std::string_view kProperties[] = {
    "wet",       "dirty",       "clean",         "new",          "old",
    "broken",    "empty",       "heavy",         "expensive",    "friendly",
    "dangerous", "comfortable", "tame",          "healthy",      "hungry",
    "for sale",  "locked",      "made of metal", "made of wood", "made of plastic",
};

// Whether something is there that the detector does not know.
inline constexpr std::string_view kUnknownThingWordings[] = {
    "Is there {thing} in the {img}?",
    "Do you see {thing}?",
    "Can you see {thing} in this {img}?",
    "Does the {img} show {thing}?",
    "Is {thing} visible?",
    "Does this {img} contain {thing}?",
    "Is {thing} present in the {img}?",
    "Tell me whether there is {thing} in the {img}.",
};

inline constexpr std::string_view kUnknownThings[] = {
    "a unicorn",    "a tree",       "a window",
    "a door",       "a hat",        "a lamp",
    "a guitar",     "a piano",      "a tiger",
    "a lion",       "a monkey",     "a rabbit",
    "a fish",       "a snake",      "a flower",
    "a mountain",   "a river",      "a bridge",
    "a fence",      "a road",       "a house",
    "a tower",      "a church",     "a flag",
    "a shoe",       "a shirt",      "a pair of glasses",
    "a pillow",     "a blanket",    "a curtain",
    "a mirror",     "a carpet",     "a bathtub",
    "a shower",     "a candle",     "a pen",
    "a camera",     "a drum",       "a tent",
    "a helicopter", "a submarine",  "a rocket",
    "a tractor",    "an ambulance", "a penguin",
    "a frog",       "a spider",     "a dinosaur",
    "a dragon",     "a robot",      "a statue",
    "a fountain",   "a ladder",     "a hammer",
    "a cloud",      "a rainbow",    "the moon",
    "a volcano",    "a castle",     "a bucket",
    "a basket",     "a tomato",     "a potato",
    "a cheese",     "an egg",       "a grape",
    "a watermelon", "a mushroom",
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_WORDINGS_H_
