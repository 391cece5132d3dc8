// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_OUTPUT_TEXT_OUTPUT_H_
#define MRMLLM_CLIENT_OUTPUT_TEXT_OUTPUT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/output/terminal.h"
#include "mrmllm/v1/model_service.pb.h"
#include "mrmllm/v1/mrmllm_service.pb.h"

namespace mrmllm {

// What people read. Boxes are in pixels of the image as displayed.

// "photo.jpg  640 x 480  3 objects  41 ms" and the table of the objects. A box's columns are its
// left and top edge, width and height. Colors, finer names and what a second look found have a
// column where an object has one. `milliseconds` < 0: not known.
std::string DetectionsText(absl::string_view name, const v1::ImageDetections& image,
                           double milliseconds, const Style& style);

// Which words of the answer rest on which objects, one line: "dog: #0; cups: #2 #3". Empty when
// none does.
std::string GroundingText(const v1::PerceiveAndAnswerResponse& response, const Style& style);

// What of the answer the boxes contradict, one line: "the boxes disagree  three dogs: 2 found #0
// #1". Empty when they contradict nothing.
std::string ConflictsText(const v1::PerceiveAndAnswerResponse& response, const Style& style);

// One line about what is missing from the reply; empty when nothing is.
std::string DegradationText(v1::Degradation degradation, const Style& style);

// "24 tokens, the first after 310 ms, 1.2 s in all, 140 of 150 prompt tokens from the cache".
std::string UsageText(const v1::TokenUsage& usage, const v1::Timings& timings, const Style& style);

// A table of bundles.
std::string ModelsText(const google::protobuf::RepeatedPtrField<v1::Model>& models,
                       const Style& style);

// Milliseconds of a duration of Timings; -1 when it is absent.
double Milliseconds(bool present, const google::protobuf::Duration& duration);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_OUTPUT_TEXT_OUTPUT_H_
