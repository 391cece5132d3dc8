// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_OUTPUT_JSON_OUTPUT_H_
#define MRMLLM_CLIENT_OUTPUT_JSON_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/client.h"

namespace mrmllm {

// What programs read: one JSON object on one line, without the line break. Keys keep their names
// and order; new ones may be added. Boxes are [x_min, y_min, x_max, y_max] in [0, 1] of the image
// as displayed; times are milliseconds. Bytes that are no UTF-8 become U+FFFD.

// `file` and the detections of the response's only image.
std::string DetectJson(const std::string& file, const v1::DetectResponse& response);

// `files`: the names of the request's images, in its order; an image_id stands for itself.
std::string AskJson(const std::vector<std::string>& files, const std::string& question,
                    const v1::AskResponse& response);
std::string PerceiveJson(const std::vector<std::string>& files, const std::string& question,
                         const v1::PerceiveAndAnswerResponse& response);

std::string ModelJson(const v1::Model& model);

// "loading", "ready", "draining", "failed".
std::string StateName(v1::ModelState state);

// {"image_ids": 3, "released": 2}.
std::string ReleaseJson(int asked, int released);

std::string HealthJson(const std::string& service, absl::string_view status);

// {"files": [...], "error": {"code": "INVALID_ARGUMENT", "message": "..."}}; for one file and
// Detect, `file` instead.
std::string ErrorJson(const std::vector<std::string>& files, const absl::Status& status);
std::string DetectErrorJson(const std::string& file, const absl::Status& status);

// The name of a code as gRPC spells it: "INVALID_ARGUMENT".
std::string CodeName(absl::StatusCode code);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_OUTPUT_JSON_OUTPUT_H_
