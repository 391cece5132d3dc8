// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_QUESTIONS_H_
#define MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_QUESTIONS_H_

#include <string_view>

namespace mrmllm {

// A question about an image that detections do not answer, and what the answer says cannot be told.
struct UntellableQuestion {
  std::string_view question;  // {img} as in presence_wordings.h
  std::string_view what;
};

inline constexpr UntellableQuestion kUntellableQuestions[] = {
    {"What is happening in the {img}?", "what is happening"},
    {"What is going on here?", "what is happening"},
    {"What is happening?", "what is happening"},
    {"What happened before this {img} was taken?", "what happened"},
    {"What happens next?", "what happens next"},
    {"What will happen next in this {img}?", "what happens next"},
    {"Why was this {img} taken?", "the reason"},
    {"Why are they here?", "the reason"},
    {"Why is everyone in the {img} here?", "the reason"},
    {"What is the mood of the {img}?", "the mood"},
    {"What is the mood of this {img}?", "the mood"},
    {"How does everyone in this {img} feel?", "the mood"},
    {"What emotions does this {img} show?", "the mood"},
    {"Do they look happy?", "the mood"},
    {"What time is it?", "the time"},
    {"What time of day is it in the {img}?", "the time"},
    {"What time is it in this {img}?", "the time"},
    {"What year was this {img} taken?", "the time"},
    {"When was this {img} taken?", "the time"},
    {"What season is it in the {img}?", "the time"},
    {"What day is it in this {img}?", "the time"},
    {"What does the sign say?", "the text"},
    {"What is written in the {img}?", "the text"},
    {"Can you read the text in this {img}?", "the text"},
    {"What does it say on the label?", "the text"},
    {"What does the license plate say?", "the text"},
    {"What is the weather like?", "the weather"},
    {"How is the weather in this {img}?", "the weather"},
    {"Is it sunny in the {img}?", "the weather"},
    {"What is the temperature here?", "the weather"},
    {"Where was this {img} taken?", "where and when the photo was taken"},
    {"Who took this {img}?", "who took the photo"},
    {"In which country was this {img} taken?", "where and when the photo was taken"},
    {"Which city is this?", "the place"},
    {"What city is shown here?", "the place"},
    {"Which country is this?", "the place"},
    {"What is his name?", "the name"},
    {"What is her name?", "the name"},
    {"What are their names in this {img}?", "the names"},
    {"Who is this?", "who it is"},
    {"Who is in this {img}?", "who it is"},
    {"Who is he?", "who it is"},
    {"Whose things are these?", "whose it is"},
    {"How old is she?", "the age"},
    {"How old is this?", "the age"},
    {"What brand is this?", "the brand"},
    {"What is the brand of this thing?", "the brand"},
    {"How much does this cost?", "the price"},
    {"What is the price of this?", "the price"},
    {"Is this expensive?", "the price"},
    {"What does it smell like here?", "the smell"},
    {"How does this taste?", "the taste"},
    {"What sound is this making?", "the sound"},
    {"How heavy is this?", "the weight"},
    {"How are they related?", "how they are related"},
    {"Are they friends?", "how they are related"},
    {"What is his job?", "the occupation"},
    {"What color is the wall?", "the color"},
    {"What color is the floor?", "the color"},
    {"What color are the curtains?", "the color"},
    {"What colour is the background?", "the color"},
    {"What is this made of?", "what it is made of"},
    {"Is this {img} real or fake?", "whether it is real"},
    {"What camera was used for this {img}?", "where and when the photo was taken"},
    {"What is outside of the {img}?", "what is outside the image"},
    {"What is behind the camera?", "what is behind the camera"},
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_WORDINGS_UNTELLABLE_QUESTIONS_H_
